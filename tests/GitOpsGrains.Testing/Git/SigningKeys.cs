using System.Diagnostics;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Git;

/// <summary>Keys that really sign, made by gpg and ssh-keygen in a folder of their own. Skips the test where these are missing.</summary>
public sealed class SigningKeys : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gog-keys-").FullName;

    public SigningKeys()
    {
        Tools.Require("gpg");
        Tools.Require("ssh-keygen");
    }

    /// <summary>Of gpg: the folder that only its owner may enter.</summary>
    private string Home => _folder;

    /// <param name="at">The time that gpg takes it to be, "20200101T000000"; null: now.</param>
    /// <param name="expires">As gpg has it: "1y"; "0" for never.</param>
    public async Task<SigningKey> NewGpgAsync(string name, string? at = null, string expires = "0")
    {
        // Held at that second: a key that took two of them to make would lie in the future of who signs with it.
        string[] time = at is null ? [] : ["--faked-system-time", $"{at}!"];
        await RunAsync("gpg", [.. Gpg, .. time, "--passphrase", "", "--quick-gen-key", $"{name} <{name}@example.com>", "ed25519", "sign", expires]);
        var colons = await RunAsync("gpg", [.. Gpg, "--with-colons", "--list-keys", $"{name}@example.com"]);
        var fingerprint = colons.Split('\n').First(line => line.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];
        var program = Path.Combine(_folder, $"{name}.sh");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec gpg --homedir '{Home}' {string.Join(' ', time)} \"$@\"\n");
        await RunAsync("chmod", ["700", program]);
        return new SigningKey(
            await RunAsync("gpg", [.. Gpg, "--armor", "--export", fingerprint]), ["-c", $"gpg.program={program}", "-c", $"user.signingkey={fingerprint}"], fingerprint);
    }

    public Task<string> PrivateGpgAsync(SigningKey key) => RunAsync("gpg", [.. Gpg, "--armor", "--export-secret-keys", key.Id]);

    public async Task<SigningKey> NewSshAsync(string name)
    {
        var file = Path.Combine(_folder, name);
        await RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
        var fingerprint = (await RunAsync("ssh-keygen", ["-l", "-f", file])).Split(' ')[1];
        return new SigningKey(await File.ReadAllTextAsync(file + ".pub"), ["-c", "gpg.format=ssh", "-c", $"user.signingkey={file}"], fingerprint);
    }

    /// <summary>An ssh signature of a text for another purpose than git's.</summary>
    public async Task<string> SignForAsync(string name, string purpose, string text)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.txt");
        await File.WriteAllTextAsync(file, text);
        await RunAsync("ssh-keygen", ["-Y", "sign", "-n", purpose, "-f", Path.Combine(_folder, name), file]);
        return await File.ReadAllTextAsync(file + ".sig");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("gpgconf", ["--homedir", Home, "--kill", "all"]);
        Directory.Delete(_folder, true);
    }

    private string[] Gpg => ["--homedir", Home, "--batch", "--no-tty", "--quiet"];

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
    }
}

/// <param name="PublicKey">As a document has it.</param>
/// <param name="GitArguments">What stands behind "git" for it to sign with this key.</param>
/// <param name="Id">The fingerprint.</param>
public sealed record SigningKey(string PublicKey, IReadOnlyList<string> GitArguments, string Id);
