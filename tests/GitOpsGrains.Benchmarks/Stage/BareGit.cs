using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>
/// What the Git server alone takes for what a commit makes us ask it: a listing of one branch by a plain HTTP request on a connection that
/// is kept (protocol 2 of gitprotocol-v2(5)), and <c>git fetch</c> into a bare clone.
/// </summary>
internal sealed class BareGit : IDisposable
{
    private const string Media = "application/x-git-upload-pack-request";
    private static readonly byte[] Listing = [.. Line("command=ls-refs\n"), .. "0001"u8, .. Line("ref-prefix refs/heads/main\n"), .. "0000"u8];

    private readonly HttpClient _http = new();
    private readonly string _clone;
    private readonly Uri _pack;

    private BareGit(string url, string clone)
    {
        (_clone, _pack) = (clone, new Uri(url + "/git-upload-pack"));
        _http.DefaultRequestHeaders.Add("Git-Protocol", "version=2");
    }

    public static async Task<BareGit> CloneAsync(GitWorkspace repository)
    {
        var clone = Path.Combine(repository.Folder, "..", $"{Guid.NewGuid():N}.git");
        await GitProcess.RunAsync(Path.GetTempPath(), ["clone", "--quiet", "--bare", repository.Url, clone]);
        var git = new BareGit(repository.Url, clone);
        await git.ListAsync();
        return git;
    }

    public async Task<TimeSpan> ListAsync()
    {
        var began = Stopwatch.GetTimestamp();
        using var content = new ByteArrayContent(Listing) { Headers = { ContentType = new MediaTypeHeaderValue(Media) } };
        using var answer = await _http.PostAsync(_pack, content);
        answer.EnsureSuccessStatusCode();
        var refs = await answer.Content.ReadAsStringAsync();
        return refs.Contains("refs/heads/main", StringComparison.Ordinal) ? Stopwatch.GetElapsedTime(began) : throw new InvalidOperationException($"no branch in: {refs}");
    }

    /// <summary>Errors: <see cref="InvalidOperationException"/> if the branch is not at the commit then.</summary>
    public async Task<TimeSpan> FetchAsync(string commit)
    {
        var began = Stopwatch.GetTimestamp();
        await GitProcess.RunAsync(_clone, ["fetch", "--quiet", "origin", "+refs/heads/main:refs/heads/main"]);
        var took = Stopwatch.GetElapsedTime(began);
        var head = await GitProcess.RunAsync(_clone, ["rev-parse", "refs/heads/main"]);
        return head == commit ? took : throw new InvalidOperationException($"fetched {head} instead of {commit}");
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes($"{text.Length + 4:x4}{text}");
}
