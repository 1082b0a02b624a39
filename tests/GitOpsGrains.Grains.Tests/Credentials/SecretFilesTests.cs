using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Tests.Credentials;

public sealed class SecretFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gog-secrets-");

    private string Allowed => Path.Combine(_folder.FullName, "allowed");

    private SecretOptions Options
    {
        get
        {
            var options = new SecretOptions();
            options.Directories.Add(Allowed + "/");
            return options;
        }
    }

    public SecretFilesTests() => Directory.CreateDirectory(Allowed);

    public void Dispose() => _folder.Delete(true);

    [Fact]
    public async Task Read_AsKubernetesMountsSecrets_FollowsTheLinksWithin()
    {
        var data = Directory.CreateDirectory(Path.Combine(Allowed, "..2026_03_01"));
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "token"), "value");
        File.CreateSymbolicLink(Path.Combine(Allowed, "..data"), "..2026_03_01");
        File.CreateSymbolicLink(Path.Combine(Allowed, "token"), "..data/token");

        Assert.Equal("value", await LocalSecrets.ReadAsync(new SecretReference { File = Path.Combine(Allowed, "token") }, Options, CancellationToken.None));
    }

    [Theory]
    [InlineData("outside/token")]
    [InlineData("allowed-b/token")]
    [InlineData("allowed/../outside/token")]
    [InlineData("allowed/out/token")]
    [InlineData("allowed/link")]
    public async Task Read_OutsideTheDirectories_IsRefused(string path)
    {
        foreach (var folder in new[] { "outside", "allowed-b" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, folder));
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, folder, "token"), "canary");
        }
        File.CreateSymbolicLink(Path.Combine(Allowed, "out"), "../outside");
        File.CreateSymbolicLink(Path.Combine(Allowed, "link"), Path.Combine(_folder.FullName, "outside", "token"));
        var full = Path.Combine(_folder.FullName, path);

        var failure = await Assert.ThrowsAsync<SecretException>(() => LocalSecrets.ReadAsync(new SecretReference { File = full }, Options, CancellationToken.None));

        Assert.Equal($"the file {full} does not lie below one of the directories in Secrets:Directories", failure.Message);
        Assert.Equal("canary", await LocalSecrets.ReadAsync(new SecretReference { File = full }, new SecretOptions { AnyDirectory = true }, CancellationToken.None));
    }

    [Fact]
    public async Task Read_OfWhatIsNoSmallFile_SaysWhy()
    {
        var big = Path.Combine(Allowed, "big");
        await File.WriteAllBytesAsync(big, new byte[1024 * 1024 + 1]);
        var loop = Path.Combine(Allowed, "loop");
        File.CreateSymbolicLink(loop, "loop");

        Assert.Equal($"the file {big} is larger than 1048576 bytes", await FaultAsync(big));
        Assert.Equal($"the file {loop} can't be read: it goes through too many links", await FaultAsync(loop));
        Assert.Equal($"the file {Allowed}/none can't be read: it is not there", await FaultAsync($"{Allowed}/none"));
        Assert.Equal("the file relative is not named by its full path", await FaultAsync("relative"));
    }

    [Fact]
    public async Task Read_OfAPipe_EndsWithTheCallersPatience()
    {
        var pipe = Path.Combine(Allowed, "pipe");
        using var made = System.Diagnostics.Process.Start("mkfifo", [pipe]);
        await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LocalSecrets.ReadAsync(new SecretReference { File = pipe }, Options, patience.Token));

        // A writer that comes and goes lets the waiting thread end.
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write);
    }

    private async Task<string> FaultAsync(string path) =>
        (await Assert.ThrowsAsync<SecretException>(() => LocalSecrets.ReadAsync(new SecretReference { File = path }, Options, CancellationToken.None))).Message;
}
