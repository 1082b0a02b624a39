using System.Diagnostics;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class ExecPluginTests(KubernetesFixture fixture)
{
    private const string Head = "apiVersion: client.authentication.k8s.io/v1";

    [Fact]
    public async Task Exec_ForManyRequestsAtOnce_RunsOnce()
    {
        var (script, runs) = Script($$"""printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"{{fixture.Server.Token}}"} }' """);
        await using var connection = await ConnectAsync(script);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => connection.GetAsync(Namespaces, new("", "Namespace", "", "kube-system"), default)));

        Assert.All(answers, answer => Assert.True(answer.IsSuccess, answer.Error?.Message));
        Assert.Single(await File.ReadAllLinesAsync(runs));
    }

    [Fact]
    public async Task Exec_GetsItsArgumentsUnsplitAndACleanEnvironment()
    {
        Environment.SetEnvironmentVariable("GITOPSGRAINS_SECRET_TEST", "ours");
        var seen = fixture.NewFile("seen");
        var (script, _) = Script($$"""
            printf '%s|%s|%s|%s' "$1" "$2" "$DECLARED" "$GITOPSGRAINS_SECRET_TEST" > {{seen}}; printf '%s' "$KUBERNETES_EXEC_INFO" > {{seen}}.info
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"{{fixture.Server.Token}}"} }'
            """);
        await using var connection = await ConnectAsync(
            script, "\n  args: ['two words; rm', '$HOME']\n  env: [{name: DECLARED, value: yes}]\n  provideClusterInfo: true");

        Assert.True((await connection.ReadServerAsync(default)).IsSuccess);

        Assert.Equal("two words; rm|$HOME|yes|", await File.ReadAllTextAsync(seen));
        var info = Json(await File.ReadAllTextAsync(seen + ".info"));
        Assert.Equal("ExecCredential", info.GetProperty("kind").GetString());
        Assert.Equal(fixture.Server.Url.OriginalString, info.GetProperty("spec").GetProperty("cluster").GetProperty("server").GetString());
    }

    [Fact]
    public async Task Exec_WithAnExpiry_RunsAgainAfterIt()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(2).ToString("O");
        var (script, runs) = Script($$"""
            if [ $(wc -l < "$RUNS") = 1 ]; then end={{end}}; else end=2099-01-01T00:00:00Z; fi
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"expirationTimestamp":"%s","token":"{{fixture.Server.Token}}"} }' "$end"
            """);
        await using var connection = await ConnectAsync(script);

        await Eventually.TrueAsync(
            async () => (await connection.ReadServerAsync(default)).IsSuccess && (await File.ReadAllLinesAsync(runs)).Length == 2, "a second run");
        for (var number = 0; number < 5; number++) await connection.ReadServerAsync(default);

        Assert.Equal(2, (await File.ReadAllLinesAsync(runs)).Length);
    }

    [Fact]
    public async Task Exec_WhoseTokenIsRefused_RunsOnceMore()
    {
        var (script, runs) = Script($$"""
            if [ $(wc -l < "$RUNS") = 1 ]; then token=old; else token={{fixture.Server.Token}}; fi
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"} }' "$token"
            """);
        await using var connection = await ConnectAsync(script);

        var answer = await connection.ReadServerAsync(default);

        Assert.True(answer.IsSuccess, answer.Error?.Message);
        Assert.Equal(2, (await File.ReadAllLinesAsync(runs)).Length);
    }

    [Fact]
    public async Task Exec_WithAClientCertificate_UsesIt()
    {
        var (certificate, key) = fixture.Server.Certificates.IssueClient("by-exec", "system:masters");
        var status = $$"""{"clientCertificateData":{{Quote(certificate)}},"clientKeyData":{{Quote(key)}} }""";
        var output = fixture.NewFile("json");
        await File.WriteAllTextAsync(output, $$"""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{status}} }""");
        var (script, _) = Script($"cat {output}");
        await using var connection = await ConnectAsync(script);

        var answer = await connection.ReadServerAsync(default);

        Assert.True(answer.IsSuccess, answer.Error?.Message);

        static string Quote(string file) => System.Text.Json.JsonSerializer.Serialize(File.ReadAllText(file));
    }

    [Fact]
    public async Task Exec_ThatHangs_IsKilledWithItsChildren()
    {
        var child = fixture.NewFile("pid");
        var (script, _) = Script($"sleep 1000 & echo $! > {child}; wait");
        await using var connection = await ConnectAsync(script, configure: options => options.ExecTimeout = TimeSpan.FromSeconds(1));
        var clock = Stopwatch.StartNew();

        var answer = await connection.ReadServerAsync(default);

        Assert.Equal((ClusterErrorKind.Unauthorized, 0), (answer.Error!.Kind, answer.Error.StatusCode));
        Assert.Contains("was killed", answer.Error.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
        var process = (await File.ReadAllTextAsync(child)).Trim();
        await Eventually.TrueAsync(() => !File.Exists($"/proc/{process}/cmdline") || File.ReadAllText($"/proc/{process}/cmdline").Length == 0, "the child's end");
    }

    [Theory]
    [InlineData("echo 'you are logged out' >&2; exit 3", "ended with 3: you are logged out")]
    [InlineData("echo nonsense", "no JSON")]
    [InlineData("echo '{}'", "no ExecCredential")]
    [InlineData("printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{}}'", "neither a token nor a certificate")]
    [InlineData("printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}}'", "expired already")]
    [InlineData("head -c 2000000 /dev/zero", "printed more than")]
    public async Task Exec_ThatFails_IsUnauthorizedAndSaysWhy(string command, string expected)
    {
        var (script, runs) = Script(command);
        await using var connection = await ConnectAsync(script);

        var first = await connection.ReadServerAsync(default);
        var second = await connection.ReadServerAsync(default);

        Assert.Equal(ClusterErrorKind.Unauthorized, first.Error?.Kind);
        Assert.Contains(expected, first.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(first.Error, second.Error);
        Assert.Single(await File.ReadAllLinesAsync(runs));
    }

    [Fact]
    public async Task Exec_OfAMissingProgram_IsUnauthorized()
    {
        await using var connection = await ConnectAsync("/nowhere/plugin");

        var answer = await connection.ReadServerAsync(default);

        Assert.Equal(ClusterErrorKind.Unauthorized, answer.Error?.Kind);
        Assert.Contains("/nowhere/plugin", answer.Error!.Message, StringComparison.Ordinal);
    }

    private async Task<IClusterConnection> ConnectAsync(string script, string more = "", Action<Hosting.KubernetesOptions>? configure = null)
    {
        var kubeconfig = fixture.Server.WriteKubeconfig(
            fixture.NewFile(), $"exec:\n  {Head}\n  command: {script}{more}", $"certificate-authority: {fixture.Server.CaFile}");
        return await ConnectWithAsync(kubeconfig, options =>
        {
            options.AllowedExecCommands.Add(script);
            configure?.Invoke(options);
        });
    }

    /// <summary>A shell script that adds a line to a file at each run.</summary>
    private (string Script, string Runs) Script(string body)
    {
        var (script, runs) = (fixture.NewFile("sh"), fixture.NewFile("runs"));
        File.WriteAllText(script, $"#!/bin/sh\nRUNS={runs}\necho run >> {runs}\n{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return (script, runs);
    }
}
