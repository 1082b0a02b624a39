using System.Diagnostics;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Verification;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Git.Tests.Verification;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task Run_ProgramThatHangs_IsKilledWithAllThatItStarted()
    {
        var folder = Directory.CreateTempSubdirectory("gog-child-").FullName;
        var time = new FakeTimeProvider();
        using var processes = new ChildProcess(time);
        var running = processes.RunAsync(new ChildOrder("sh", ["-c", "sleep 300 & echo $! > pid; wait"], folder, 1024), default, CancellationToken.None);
        var file = Path.Combine(folder, "pid");
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'), "the started program");
        time.Advance(TimeSpan.FromSeconds(21));
        await MirrorHarness.FailsAsync(() => running, GitErrorKind.TimedOut);
        var child = int.Parse(await File.ReadAllTextAsync(file), System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(() => !IsAlive(child), "the end of what it had started");
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task Run_Environment_IsNotOurs()
    {
        Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_TEST", "canary");
        using var processes = new ChildProcess(TimeProvider.System);
        var result = await processes.RunAsync(new ChildOrder("env", [], "/", 64 * 1024), default, CancellationToken.None);
        Assert.DoesNotContain("canary", System.Text.Encoding.UTF8.GetString(result.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ProgramThatIsNotThere_IsTold()
    {
        using var processes = new ChildProcess(TimeProvider.System);
        var failure = await MirrorHarness.FailsAsync(
            () => processes.RunAsync(new ChildOrder("no-such-program", [], "/", 1024), default, CancellationToken.None), GitErrorKind.NotAllowed);
        Assert.Equal("no-such-program is not installed on the server", failure.Message);
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is ArgumentException or IOException)
        {
            return false;
        }
    }
}
