using System.Net;
using System.Security.Cryptography;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>The administrator's tokens are those in the file, while a silo runs and when it starts.</summary>
public sealed class AdminTokenTests : IAsyncLifetime
{
    /// <summary>Two looks at the file, and the verdict that a gateway remembers.</summary>
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan WatchEnds = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new();
    private SiloProcess _silo = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_silo.DataDirectory, "admin-token");

    [Fact]
    public async Task TokenThatIsTakenOutOfTheFile_OpensNothingAnyMoreAndItsWatchEnds()
    {
        var (first, second) = (_silo.Token, NewToken());
        using var watch = await AskAsync("watch", first);
        await using var events = await watch.Content.ReadAsStreamAsync(Stop);

        await System.IO.File.WriteAllLinesAsync(File, [second, first], Stop);
        await StatusAsync(second, HttpStatusCode.OK);
        await StatusAsync(first, HttpStatusCode.OK);

        await System.IO.File.WriteAllTextAsync(File, second, Stop);
        await StatusAsync(first, HttpStatusCode.Unauthorized);
        await StatusAsync(second, HttpStatusCode.OK);
        await events.CopyToAsync(Stream.Null, Stop).WaitAsync(WatchEnds, Stop);
        Assert.Contains("The administrator's tokens have changed: those of before that are not among the 1 of now open nothing any more", _silo.Log, StringComparison.Ordinal);

        // What can't be a file of tokens changes nothing, as one that is being written.
        foreach (var (text, fault) in new[] { ("too-short", $"a token in '{File}' has less than 20 characters"), ("\n", $"there is no token in '{File}'") })
        {
            await System.IO.File.WriteAllTextAsync(File, text, Stop);
            await Eventually.TrueAsync(() => _silo.Log.Contains($"The administrator's tokens stay as they are: {fault}", StringComparison.Ordinal), fault, Known);
        }
        await StatusAsync(second, HttpStatusCode.OK);
        foreach (var token in new[] { first, second, "too-short" }) Assert.DoesNotContain(token, _silo.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenThatIsReplacedWhileNothingRuns_OpensNothingAfterTheStart()
    {
        var (first, second) = (_silo.Token, NewToken());
        Assert.Equal(0, await _silo.StopAsync());
        await System.IO.File.WriteAllTextAsync(File, second + "\n", Stop);
        await _silo.StartAsync();

        await StatusAsync(second, HttpStatusCode.OK);
        await StatusAsync(first, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task FileThatCannotBeUsed_EndsTheStartWithOneSentence()
    {
        await _silo.StopAsync();
        await System.IO.File.WriteAllTextAsync(File, "too-short", Stop);
        var end = await _silo.RunSecondAsync(Known);
        Assert.Equal((2, $"error: Auth:AdminTokenFile: a token in '{File}' has less than 20 characters"), (end.ExitCode, end.Error.Trim()));
    }

    public async ValueTask InitializeAsync() => _silo = await SiloProcess.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _silo.DisposeAsync();
    }

    private static string NewToken() => "gog_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    private Task<HttpStatusCode> StatusAsync(string token, HttpStatusCode expected) => Eventually.GetAsync(async () =>
    {
        using var answer = await AskAsync("projects", token);
        return answer.StatusCode;
    }, status => status == expected, $"{(int)expected}", Known);

    private async Task<HttpResponseMessage> AskAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_silo.Url, $"api/v1/{path}"));
        request.Headers.Authorization = new("Bearer", token);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }
}
