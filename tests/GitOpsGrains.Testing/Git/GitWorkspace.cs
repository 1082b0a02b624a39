namespace GitOpsGrains.Testing.Git;

/// <summary>A working copy of a repository on a <see cref="GitServer"/>. Pushes go straight to the server's disk and are not counted.</summary>
public sealed class GitWorkspace(string folder, string bareFolder, string url)
{
    private int _moment;

    public string Folder { get; } = folder;

    /// <summary>The server's bare repository, for file:// URLs.</summary>
    public string BareFolder { get; } = bareFolder;

    public string Url { get; } = url;

    public async Task WriteAsync(string path, string text)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text);
    }

    public Task DeleteAsync(string path) => GitAsync("rm", "--quiet", "-r", path);

    public async Task MoveAsync(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, to))!);
        await GitAsync("mv", from, to);
    }

    public void Link(string path, string target)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.CreateSymbolicLink(file, target);
    }

    /// <summary>Adds a submodule, or moves it to another commit; its directory stays empty here.</summary>
    public async Task SetSubmoduleAsync(string path, string url, string commit)
    {
        Directory.CreateDirectory(Path.Combine(Folder, path));
        await GitAsync("config", "--file", ".gitmodules", $"submodule.{path}.path", path);
        await GitAsync("config", "--file", ".gitmodules", $"submodule.{path}.url", url);
        await GitAsync("update-index", "--add", "--cacheinfo", $"160000,{commit},{path}");
    }

    /// <summary>Commits all changes (an empty commit if there are none) and returns the commit's id.</summary>
    public async Task<string> CommitAsync(string message)
    {
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--allow-empty", "-m", message);
        return await HeadAsync();
    }

    /// <summary>Commits all changes, signed, and returns the commit's id.</summary>
    public async Task<string> CommitSignedAsync(SigningKey key, string message)
    {
        await GitAsync("add", "--all");
        await GitAsync([.. key.GitArguments, "commit", "--quiet", "--allow-empty", "-S", "-m", message]);
        return await HeadAsync();
    }

    /// <summary>Makes a signed tag of the newest commit and pushes it; returns the tag's own id.</summary>
    public async Task<string> TagSignedAsync(SigningKey key, string name)
    {
        await GitAsync([.. key.GitArguments, "tag", "-s", "-m", name, name]);
        await GitAsync("push", "--quiet", "origin", "refs/tags/" + name);
        return await GitAsync("rev-parse", "refs/tags/" + name);
    }

    /// <summary>Writes an object as it is given, well made or not, and returns its id.</summary>
    public async Task<string> WriteObjectAsync(string type, byte[] bytes)
    {
        var file = Path.Combine(Folder, "..", $"{Guid.NewGuid():N}.object");
        await File.WriteAllBytesAsync(file, bytes);
        return await GitAsync("hash-object", "-t", type, "-w", "--literally", file);
    }

    /// <summary>Writes one file, commits and pushes.</summary>
    public async Task<string> PublishAsync(string path, string text)
    {
        await WriteAsync(path, text);
        var commit = await CommitAsync("Change " + path);
        await PushAsync();
        return commit;
    }

    public Task<string> HeadAsync() => GitAsync("rev-parse", "HEAD");

    public Task PushAsync() => GitAsync("push", "--quiet", "origin", "HEAD");

    public Task ForcePushAsync() => GitAsync("push", "--quiet", "--force", "origin", "HEAD");

    /// <summary>Commits the reverse of the newest commit.</summary>
    public async Task<string> RevertAsync()
    {
        await GitAsync("revert", "--no-edit", "HEAD");
        return await HeadAsync();
    }

    public Task ResetAsync(string commit) => GitAsync("reset", "--quiet", "--hard", commit);

    /// <summary>Makes a branch here and switches to it.</summary>
    public Task BranchAsync(string name) => GitAsync("checkout", "--quiet", "-b", name);

    public Task SwitchAsync(string name) => GitAsync("checkout", "--quiet", name);

    public Task DeleteRemoteBranchAsync(string name) => GitAsync("push", "--quiet", "origin", "--delete", name);

    /// <summary>Makes an annotated tag of the newest commit and pushes it.</summary>
    public async Task TagAsync(string name)
    {
        await GitAsync("tag", "-a", "-m", name, name);
        await GitAsync("push", "--quiet", "origin", "refs/tags/" + name);
    }

    public Task<string> GitAsync(params string[] arguments) => GitProcess.RunAsync(Folder, arguments, Interlocked.Increment(ref _moment));
}
