using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using GitOpsGrains.Adapters.Processes;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Adapters.Tests;

public sealed class BoundedRunTests : IDisposable
{
    private static readonly RunLimits Limits = new(TimeSpan.FromSeconds(20), 1024, 16);
    private readonly string _folder = Directory.CreateTempSubdirectory("gog-adapters-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Run_OfAProgramThatEnds_TellsItsCodeOutputAndCutErrors()
    {
        var result = await RunAsync("cat; printf 'complaints are long' >&2; exit 3", Limits, Encoding.UTF8.GetBytes("given"));

        Assert.Equal((RunEnd.Exited, 3, "given", "complaints are l"), (result.End, result.ExitCode, Encoding.UTF8.GetString(result.Output), result.Errors));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ThatIsLeftAlone_LeavesNothingBehind(bool isCancelled)
    {
        var time = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        var running = BoundedRun.RunAsync(Order("sleep 300 & echo $! > pid; wait"), Limits, default, time, stop.Token);
        var file = Path.Combine(_folder, "pid");
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'), "the started program");

        if (isCancelled) await stop.CancelAsync();
        else time.Advance(TimeSpan.FromSeconds(21));

        if (isCancelled) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        else Assert.Equal(RunEnd.TimedOut, (await running).End);
        var child = int.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(() => !IsAlive(child), "the end of what it had started");
    }

    [Fact]
    public async Task Run_ThatEndsByItself_LeavesNothingBehindEither()
    {
        await RunAsync("sleep 300 > /dev/null 2>&1 & echo $! > pid", Limits);

        var child = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "pid")), CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(() => !IsAlive(child), "the end of what it had started");
    }

    [Fact]
    public async Task Run_OfWhatPrintsTooMuch_IsKilled_OrCut()
    {
        var killed = await RunAsync("yes", Limits);
        var cut = await RunAsync("yes | head -c 5000", Limits with { CutsOutput = true });
        var exact = await RunAsync("yes | head -c 1024", Limits);

        Assert.Equal((RunEnd.TooMuchOutput, RunEnd.Exited, RunEnd.Exited), (killed.End, cut.End, exact.End));
        Assert.Equal((1024, 1024), (cut.Output.Length, exact.Output.Length));
    }

    [Fact]
    public async Task Run_InheritsNoEnvironment()
    {
        Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_ADAPTERS", "canary");

        var result = await BoundedRun.RunAsync(Order("env") with { Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["OWN"] = "1" } }, Limits, default, TimeProvider.System, CancellationToken.None);

        var text = Encoding.UTF8.GetString(result.Output);
        Assert.Contains("OWN=1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThroughWrappers_BecomesTheProgram()
    {
        var result = await BoundedRun.RunAsync(Order("echo $A$B") with { Wrappers = [["/usr/bin/env", "A=1"], ["/usr/bin/env", "B=2"]] }, Limits, default, TimeProvider.System, CancellationToken.None);

        Assert.Equal("12\n", Encoding.UTF8.GetString(result.Output));
    }

    [Fact]
    public async Task Run_InAFolderThatIsNotThere_IsToldAsTheSystemDoes() =>
        await Assert.ThrowsAsync<Win32Exception>(() => BoundedRun.RunAsync(Order("true") with { Folder = "/no/such/folder" }, Limits, default, TimeProvider.System, CancellationToken.None));

    [Fact]
    public void Find_OfNamesAndPaths_GivesFullPaths()
    {
        Assert.EndsWith("/sh", Programs.Find("sh"), StringComparison.Ordinal);
        Assert.Equal("/bin/sh", Programs.Find("/bin/sh"));
        Assert.Null(Programs.Find("no-such-program"));
        Assert.Null(Programs.Find("/bin/no-such-program"));
    }

    private Task<RunResult> RunAsync(string script, RunLimits limits, byte[]? input = null) =>
        BoundedRun.RunAsync(Order(script), limits, input, TimeProvider.System, CancellationToken.None);

    private ProcessOrder Order(string script) => new("/bin/sh", ["-c", script], _folder, new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" });

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
