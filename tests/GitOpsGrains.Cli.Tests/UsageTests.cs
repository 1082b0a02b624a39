namespace GitOpsGrains.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("", "Required command was not provided.", "gitopsctl --help")]
    [InlineData("aply", "", "gitopsctl --help")]
    [InlineData("apply", "Option '--filename' is required.", "gitopsctl apply --help")]
    [InlineData("get clusters -o xml", "", "gitopsctl get --help")]
    [InlineData("app sync", "", "gitopsctl app sync --help")]
    [InlineData("app logs web", "", "gitopsctl app logs --help")]
    [InlineData("app manifests web -o table", "", "gitopsctl app manifests --help")]
    [InlineData("app events web -o yaml", "", "gitopsctl app events --help")]
    [InlineData("delete cluster a --cascade all", "", "gitopsctl delete --help")]
    public async Task Run_BadArguments_IsExitCode2WithHint(string arguments, string message, string hint)
    {
        using var run = new CommandLineRun();
        Assert.Equal(2, await run.RunAsync(arguments));
        Assert.StartsWith("error: " + message, run.Error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"hint: {hint}\n", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", run.Out.ToString());
    }

    [Theory]
    [InlineData("get pods", "error: 'pods' is not one of repositories, clusters, projects, applications, repositorycredentials, silos\n")]
    [InlineData("get silos web", "error: silos are shown all at once\n")]
    [InlineData("delete silo web", "error: 'silo' is not one of repositories, clusters, projects, applications, repositorycredentials\n")]
    [InlineData("get app a/b/c", "error: an application is named NAME or PROJECT/NAME, in lower-case letters, digits, '-' and '.'\n")]
    [InlineData("get cluster ../x", "error: not a name of a cluster\n")]
    [InlineData("get app web -l a=b", "error: give a NAME or a filter, not both\n")]
    [InlineData("app wait web --timeout 5", "error: --timeout: expected a duration such as 30s, 5m or 1h, at most 168h\n")]
    [InlineData("get apps --server ftp://x", "error: the server must be an http:// or https:// URL\n")]
    [InlineData("get apps --server http://a:b@x", "error: the server's URL must not hold user info, query or fragment\n")]
    [InlineData("app events web --limit 501", "error: --limit: expected a number from 1 to 500\n")]
    [InlineData("app logs web pod --tail 0", "error: --tail: expected a number from 1 to 5000\n")]
    [InlineData("app logs web a/b/c", "error: a pod is named POD or NAMESPACE/POD\n")]
    [InlineData("app manifests WEB", "error: an application is named NAME or PROJECT/NAME, in lower-case letters, digits, '-' and '.'\n")]
    [InlineData("watch -p SHOP", "error: not a name of a project\n")]
    [InlineData("watch -p shop --application web/web", "error: application web/web is not in project shop\n")]
    [InlineData("apply -f -", "error: there is no document to apply\n")]
    [InlineData("apply -f .", "error: . holds no *.yaml, *.yml or *.json\n")]
    [InlineData("login", "error: no token was given\n")]
    public async Task Run_WrongValues_IsExitCode2WithOneLine(string arguments, string expected)
    {
        using var run = new CommandLineRun();
        Assert.Equal(2, await run.RunAsync(arguments));
        Assert.Equal(expected, run.Error.ToString());
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _gitopsctl gitopsctl")]
    [InlineData("zsh", "compdef _gitopsctl gitopsctl")]
    [InlineData("fish", "complete -c gitopsctl")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_Shell_PrintsItsScript(string shell, string part)
    {
        using var run = new CommandLineRun();
        Assert.Equal(0, await run.RunAsync($"completion {shell}"));
        Assert.Contains(part, run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggest_AfterGet_ListsTheKinds()
    {
        using var run = new CommandLineRun();
        Assert.Equal(0, await run.RunAsync("[suggest:4] get "));
        Assert.Contains("clusters\n", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_EveryVerb_IsListed()
    {
        using var run = new CommandLineRun();
        Assert.Equal(0, await run.RunAsync("app --help"));
        foreach (var verb in new[] { "sync", "refresh", "diff", "wait", "history", "tree", "suspend", "resume", "terminate", "approve", "manifests", "events", "logs" })
            Assert.Contains($"\n  {verb} ", run.Out.ToString(), StringComparison.Ordinal);
    }
}
