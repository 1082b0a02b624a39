using System.Collections.Concurrent;
using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Verification;

/// <summary>One folder for each set of keys: a home of gpg with these keys only, and the file of allowed signers for ssh-keygen.</summary>
internal sealed class KeyFolders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ConcurrentDictionary<string, Lazy<Task<KeyFolder>>> _folders = new(StringComparer.Ordinal);
    private readonly ChildProcess _processes;
    private readonly string _root;

    public KeyFolders(IOptions<GitOptions> options, ChildProcess processes)
    {
        _processes = processes;
        _root = Path.Combine(Path.GetFullPath(options.Value.DataDirectory), "keys");
        // Keys come from the documents: what a process before left there may be of others.
        if (Directory.Exists(_root)) Directory.Delete(_root, true);
    }

    /// <summary>Errors: <see cref="GitException"/> for keys that can't be used.</summary>
    public async Task<KeyFolder> ForAsync(IReadOnlyList<TrustedKey> keys)
    {
        var digest = Digest.Of(string.Join('\0', keys.Select(key => $"{key.Kind}\0{key.Text}"))).ToString()[..32];
        var making = _folders.GetOrAdd(digest, name => new Lazy<Task<KeyFolder>>(() => MakeAsync(Path.Combine(_root, name), keys)));
        try
        {
            return await making.Value;
        }
        catch
        {
            _folders.TryRemove(digest, out _);
            throw;
        }
    }

    /// <summary>For all who have these keys: one caller's impatience must not end it.</summary>
    private async Task<KeyFolder> MakeAsync(string path, IReadOnlyList<TrustedKey> keys)
    {
        if (Directory.Exists(path)) Directory.Delete(path, true);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly);
        var ssh = SshKey.ParseAll(keys.Where(key => key.Kind == SignatureKind.Ssh).Select(key => key.Text));
        await File.WriteAllLinesAsync(Path.Combine(path, KeyFolder.Signers), ssh.Select(key => $"* namespaces=\"git\" {key.Type} {key.Base64}"));
        var gpg = keys.Where(key => key.Kind == SignatureKind.Gpg).Select(key => key.Text).ToArray();
        foreach (var block in gpg) await ImportAsync(path, block);
        return new KeyFolder(path, gpg.Length > 0, ssh.ToDictionary(key => key.Fingerprint, key => key.Name, StringComparer.Ordinal));
    }

    private async Task ImportAsync(string path, string block)
    {
        if (block.Contains("PRIVATE KEY", StringComparison.Ordinal)) throw new GitException(GitErrorKind.NotAllowed, "a key of the repository is a private one; give the public one");
        var result = await _processes.RunAsync(
            new ChildOrder("gpg", [.. KeyFolder.GpgArguments(path), "--import"], path, 64 * 1024), Encoding.UTF8.GetBytes(block), CancellationToken.None);
        if (!Encoding.UTF8.GetString(result.Output).Contains("[GNUPG:] IMPORT_OK", StringComparison.Ordinal))
            throw new GitException(GitErrorKind.NotAllowed, "a key of the repository is no OpenPGP public key");
    }
}

/// <param name="SshNames">Names of the ssh keys by fingerprint (SHA256:…).</param>
internal sealed record KeyFolder(string Path, bool HasGpg, IReadOnlyDictionary<string, string> SshNames)
{
    public const string Signers = "allowed_signers";

    /// <summary>Nothing but this folder counts, no daemon is started, no network is used.</summary>
    public static string[] GpgArguments(string path) =>
    [
        "--homedir", path, "--no-options", "--batch", "--no-tty", "--no-autostart", "--disable-dirmngr", "--no-auto-key-retrieve", "--no-auto-key-locate",
        "--trust-model", "always", "--status-fd", "1",
    ];
}
