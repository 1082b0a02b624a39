using System.Text;
using GitOpsGrains.Rendering.Hosting;
using GitOpsGrains.Rendering.Running;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Rendering.Tests.Running;

public sealed class ToolRunnerTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    private Task<ToolResult> RunAsync(string script, Action<RenderingOptions>? configure = null, bool network = false, CancellationToken cancellationToken = default)
    {
        var options = new RenderingOptions();
        configure?.Invoke(options);
        return RunAsync(new ToolRunner(Options.Create(options), TimeProvider.System), script, network, cancellationToken);
    }

    private async Task<ToolResult> RunAsync(ToolRunner runner, string script, bool network, CancellationToken cancellationToken)
    {
        using (runner)
            return await runner.RunAsync(new ToolRun("tool", "/bin/sh", ["-c", script], _workspace.Folder, _workspace.Environment(network), network), cancellationToken);
    }

    private static bool IsRunning(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    [Fact]
    public async Task Run_GivesExactlyTheEnvironmentMeant()
    {
        Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_CANARY", "canary");
        Environment.SetEnvironmentVariable("HTTPS_PROXY", "http://proxy.example.com:1");
        try
        {
            var alone = Encoding.UTF8.GetString((await RunAsync("/usr/bin/env")).Output);
            Assert.DoesNotContain("canary", alone, StringComparison.Ordinal);
            Assert.DoesNotContain("proxy", alone, StringComparison.Ordinal);
            Assert.Contains($"HOME={_workspace.Home}\n", alone, StringComparison.Ordinal);
            Assert.All(alone.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]), name => Assert.True(
                _workspace.Environment(false).ContainsKey(name) || name is "PWD" or "SHLVL" or "_" or "OLDPWD", name));
            Assert.Contains("HTTPS_PROXY=", Encoding.UTF8.GetString((await RunAsync("/usr/bin/env", network: true)).Output), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_CANARY", null);
            Environment.SetEnvironmentVariable("HTTPS_PROXY", null);
        }
    }

    [Fact]
    public async Task Run_AtItsTimeLimit_KillsTheWholeGroup()
    {
        var pids = Path.Combine(_workspace.Folder, "pids");
        var failure = await Assert.ThrowsAsync<ToolException>(() =>
            RunAsync($"(sleep 1000 & echo $!; echo $$) > {pids}; sleep 1000", options => options.ToolTimeout = TimeSpan.FromSeconds(1)));

        Assert.Equal("tool was killed: it had not ended after 1 s", failure.Message);
        var children = await File.ReadAllLinesAsync(pids, TestContext.Current.CancellationToken);
        Assert.Equal(2, children.Length);
        await Eventually.TrueAsync(() => !children.Any(IsRunning), "no process of the group");
    }

    [Fact]
    public async Task Run_WithAChildThatStays_KillsItWhenTheToolIsDone()
    {
        var result = await RunAsync("sleep 1000 > /dev/null 2>&1 & echo $!");
        var child = Encoding.UTF8.GetString(result.Output).Trim();
        await Eventually.TrueAsync(() => !IsRunning(child), "no child");
    }

    [Fact]
    public async Task Run_Cancelled_KillsTheGroup()
    {
        var pid = Path.Combine(_workspace.Folder, "pid");
        using var cancel = new CancellationTokenSource();
        var running = RunAsync($"echo $$ > {pid}; sleep 1000", cancellationToken: cancel.Token);
        var process = await Eventually.GetAsync(() => File.Exists(pid) ? File.ReadAllText(pid).Trim() : "", text => text.Length > 0, "a pid");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Eventually.TrueAsync(() => !IsRunning(process), "no process");
    }

    [Fact]
    public async Task Run_ThatPrintsWithoutEnd_IsKilledAndErrorsAreCut()
    {
        var failure = await Assert.ThrowsAsync<ToolException>(() => RunAsync("yes", options => options.ToolOutputBytes = 100_000));
        Assert.Equal("tool was killed: it printed more than 100000 bytes", failure.Message);
        var result = await RunAsync("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 3");
        Assert.Equal((3, 65536), (result.ExitCode, result.Errors.Length));
    }

    [Fact]
    public async Task Run_HasItsLimitsAndASessionOfItsOwn()
    {
        var result = await RunAsync("ulimit -v; ulimit -c; ulimit -n; test $(cut -d' ' -f6 /proc/$$/stat) = $$ && echo leader");
        Assert.Equal(["2097152", "0", "1024", "leader"], Encoding.UTF8.GetString(result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Run_WithoutNetwork_SeesNoInterfaceThatIsUp()
    {
        var own = await RunAsync("cat /proc/net/dev | wc -l", network: true);
        var isolated = await RunAsync("cat /proc/net/dev | wc -l; cat /proc/net/route");
        if (own.Output.SequenceEqual(isolated.Output)) Assert.Skip("this machine does not let a process have a network of its own");
        Assert.Equal("3", Encoding.UTF8.GetString(isolated.Output).Split('\n')[0].Trim());
    }

    [Fact]
    public async Task Run_NoMoreAtOnceThanAllowed()
    {
        using var runner = new ToolRunner(Options.Create(new RenderingOptions { Parallelism = 1 }), TimeProvider.System);
        var script = $"mkdir {_workspace.Folder}/only && sleep 0.2 && rmdir {_workspace.Folder}/only";
        var run = new ToolRun("tool", "/bin/sh", ["-c", script], _workspace.Folder, _workspace.Environment(false), false);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => runner.RunAsync(run, TestContext.Current.CancellationToken)));
        Assert.All(results, result => Assert.Equal(0, result.ExitCode));
    }

    [Fact]
    public async Task Run_WhatIsNoProgram_IsSaid()
    {
        using var runner = new ToolRunner(Options.Create(new RenderingOptions()), TimeProvider.System);
        var run = new ToolRun("tool", "/nowhere/tool", [], _workspace.Folder, _workspace.Environment(false), false);
        Assert.NotEqual(0, (await runner.RunAsync(run, TestContext.Current.CancellationToken)).ExitCode);
    }

    [Fact]
    public void Workspace_IsPrivateAndGoes()
    {
        var workspace = new Workspace();
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(workspace.Folder));
        workspace.Dispose();
        Assert.False(System.IO.Directory.Exists(workspace.Folder));
    }

    [Fact]
    public void Sweep_TakesWhatAKilledProcessLeft_AndNothingElse()
    {
        var left = System.IO.Directory.CreateTempSubdirectory("gog-render-").FullName;
        File.WriteAllText(Path.Combine(left, "lock"), "");
        File.WriteAllText(Path.Combine(left, "values.yaml"), "");
        var other = System.IO.Directory.CreateTempSubdirectory("gog-render-").FullName;

        Workspace.Sweep();

        Assert.False(System.IO.Directory.Exists(left));
        Assert.True(System.IO.Directory.Exists(_workspace.Tree));
        Assert.True(System.IO.Directory.Exists(other));
        System.IO.Directory.Delete(other);
    }
}
