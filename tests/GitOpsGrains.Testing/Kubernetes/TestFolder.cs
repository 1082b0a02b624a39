using System.Globalization;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>The folder of this test process for servers' data; removed at exit, and those of dead test processes at first use.</summary>
public static class TestFolder
{
    private const string Prefix = "gitopsgrains-kube-";

    private static readonly Lazy<string> Root = new(Create);

    public static string New(string name)
    {
        var folder = Path.Combine(Root.Value, $"{name}-{Guid.NewGuid():N}"[..Math.Min(40, name.Length + 9)]);
        Directory.CreateDirectory(folder);
        return folder;
    }

    private static string Create()
    {
        foreach (var left in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = left[(left.LastIndexOf('-') + 1)..];
            if (!int.TryParse(owner, CultureInfo.InvariantCulture, out var process) || Directory.Exists($"/proc/{process}")) continue;
            Remove(left);
        }

        var root = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}");
        Directory.CreateDirectory(root);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(root);
        return root;
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A server that is being killed may still write here; the next test process removes it.
        }
    }
}
