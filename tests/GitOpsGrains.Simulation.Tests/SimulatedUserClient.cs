using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Simulation.Tests;

/// <summary>The administrator of one cluster: sends any bytes and shows any answer. Paths are below the cluster.</summary>
public sealed class SimulatedUserClient : IDisposable
{
    public const string Apply = "application/apply-patch+yaml";
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicPatch = "application/strategic-merge-patch+json";

    private readonly HttpClient _http;

    public SimulatedUserClient(SimulatedFleet fleet, SimulatedCluster cluster)
    {
        (Fleet, Cluster) = (fleet, cluster);
        _http = NewHttp(fleet, cluster.Users[0].Token);
    }

    public SimulatedFleet Fleet { get; }

    public SimulatedCluster Cluster { get; }

    /// <summary>Of the fleet's own paths, below /admin.</summary>
    public static HttpClient NewHttp(SimulatedFleet fleet, string token)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(fleet.AuthorityPem);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } })
        {
            BaseAddress = fleet.Url,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }

    public Task<Answer> GetAsync(string path, CancellationToken cancellationToken = default) => SendAsync("GET", path, null, null, cancellationToken);

    public Task<Answer> PostAsync(string path, string body) => SendAsync("POST", path, Encoding.UTF8.GetBytes(body), "application/json");

    public Task<Answer> PutAsync(string path, string body) => SendAsync("PUT", path, Encoding.UTF8.GetBytes(body), "application/json");

    public Task<Answer> PatchAsync(string path, string body, string type) => SendAsync("PATCH", path, Encoding.UTF8.GetBytes(body), type);

    public Task<Answer> ApplyAsync(string path, string body, string manager = "g") => PatchAsync($"{path}?fieldManager={manager}&force=true", body, Apply);

    public Task<Answer> DeleteAsync(string path, string? options = null) =>
        SendAsync("DELETE", path, options is null ? null : Encoding.UTF8.GetBytes(options), options is null ? null : "application/json");

    public async Task<Answer> SendAsync(string method, string path, byte[]? body, string? type, CancellationToken cancellationToken = default)
    {
        using var request = Request(method, path, body, type);
        return await Answer.ReadAsync(await _http.SendAsync(request, cancellationToken));
    }

    /// <summary>The lines of a watch as they come; disposing of the reader ends it.</summary>
    public async Task<WatchReader> WatchAsync(string path, CancellationToken cancellationToken = default)
    {
        using var request = Request("GET", path, null, null);
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return new WatchReader(answer, await answer.Content.ReadAsStreamAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(string method, string path, byte[]? body, string? type)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), $"/clusters/{Cluster.Name}{path}") { Version = HttpVersion.Version20 };
        if (body is null) return request;
        request.Content = new ByteArrayContent(body);
        if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return request;
    }
}
