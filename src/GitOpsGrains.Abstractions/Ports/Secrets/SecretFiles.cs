using System.Text;

namespace GitOpsGrains.Abstractions.Ports.Secrets;

/// <summary>Reads a file that a reference names, if it lies, after all links, below a directory that is allowed.</summary>
internal static class SecretFiles
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxLinks = 40;

    /// <summary>Errors: <see cref="SecretException"/>.</summary>
    public static async Task<string> ReadAsync(string path, SecretOptions options, CancellationToken cancellationToken)
    {
        try
        {
            // Opening a pipe waits for its writer, beside which the caller's time runs out.
            return await Task.Run(() => ReadAllowedAsync(path, options, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"the file {path} can't be read: {Reason(failure)}", failure);
        }
    }

    private static async Task<string> ReadAllowedAsync(string path, SecretOptions options, CancellationToken cancellationToken)
    {
        if (!Path.IsPathFullyQualified(path)) throw new SecretException($"the file {path} is not named by its full path");
        var real = RealPath(path);
        if (!options.AnyDirectory && !options.Directories.Any(directory => IsBelow(directory, real)))
            throw new SecretException($"the file {path} does not lie below one of the directories in Secrets:Directories");
        await using var file = new FileStream(real, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4096, FileOptions.Asynchronous);
        using var all = new MemoryStream();
        var chunk = new byte[4096];
        int read;
        while ((read = await file.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (all.Length + read > MaxBytes) throw new SecretException($"the file {path} is larger than {MaxBytes} bytes");
            all.Write(chunk, 0, read);
        }
        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    private static string Reason(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it is not there",
        UnauthorizedAccessException => "this process may not",
        _ => failure.Message,
    };

    private static bool IsBelow(string directory, string path)
    {
        var root = RealPath(directory.TrimEnd('/')) + "/";
        return path.Length > root.Length && path.StartsWith(root, StringComparison.Ordinal);
    }

    /// <summary>The path with every link on it followed, as mounted Kubernetes secrets have them.</summary>
    private static string RealPath(string path)
    {
        var open = new Stack<string>(Parts(path));
        var real = "";
        var links = 0;
        while (open.TryPop(out var part))
        {
            if (part is "" or ".") continue;
            if (part == "..")
            {
                real = real.Length == 0 ? "" : real[..real.LastIndexOf('/')];
                continue;
            }
            var next = $"{real}/{part}";
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MaxLinks) throw new IOException("it goes through too many links");
            if (target.StartsWith('/')) real = "";
            foreach (var further in Parts(target)) open.Push(further);
        }
        return real;
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/').Reverse();
}
