using System.Text;

namespace GitOpsGrains.Kubernetes.Connections.Kubeconfigs;

/// <summary>Material that stands in the kubeconfig itself ("key-data", base64) or in a file beside it ("key").</summary>
internal static class KubeconfigFiles
{
    private const int MaxBytes = 1024 * 1024;

    public static string? ReadText(KubeconfigEntry entry, string key, string? folder)
    {
        var data = entry.Text(key + "-data");
        var file = entry.Text(key);
        if (data is not null) return Decode(data, $"{entry.Place}: '{key}-data'");
        return file is null ? null : ReadFile(Beside(entry, key, file, folder), $"{entry.Place}: '{key}'");
    }

    /// <summary>The path of a file that the kubeconfig names, relative to its own folder. Errors: <see cref="KubeconfigException"/> when it has none.</summary>
    public static string Beside(KubeconfigEntry entry, string key, string file, string? folder) => folder is not null
        ? Path.Combine(folder, file)
        : throw new KubeconfigException($"{entry.Place}: '{key}' names a file: a kubeconfig that is no file itself must hold the data");

    private static string Decode(string data, string place)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(data));
        }
        catch (FormatException exception)
        {
            throw new KubeconfigException($"{place} is no base64", exception);
        }
    }

    private static string ReadFile(string path, string place)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? File.ReadAllText(path)
                : throw new KubeconfigException($"{place} names a file larger than {MaxBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"{place} names a file that can't be read: {exception.Message}", exception);
        }
    }
}
