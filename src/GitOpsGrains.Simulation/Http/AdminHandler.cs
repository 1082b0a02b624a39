using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Faults;
using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>
/// /admin/requests: the requests to all clusters since they were made, by verb (GET); /admin/clusters: lists them (GET); /admin/clusters/NAME/fault: reads, sets or takes away its fault (GET, PUT, DELETE);
/// /admin/clusters/NAME/kubeconfig; POST …/compact and …/drop-watches. Bearer: the fleet's admin token.
/// </summary>
internal sealed class AdminHandler(string token, IReadOnlyDictionary<string, SimulatedCluster> clusters, Func<string, string> kubeconfig)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(null, allowIntegerValues: false) } };

    public async Task HandleAsync(HttpContext context, string path)
    {
        try
        {
            var given = Authenticator.ReadBearer(context) ?? "";
            if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(token))) throw new ApiException(401, "Unauthorized", "Unauthorized");
            await AnswerAsync(context, path.Trim('/').Split('/'));
        }
        catch (ApiException refusal)
        {
            await AnswerWriter.WriteRefusalAsync(context, refusal);
        }
    }

    private async Task AnswerAsync(HttpContext context, string[] path)
    {
        if (path is ["admin", "clusters"] && context.Request.Method == "GET")
        {
            await AnswerWriter.WriteNodeAsync(context, new JsonArray([.. clusters.Values.OrderBy(static cluster => cluster.Name, StringComparer.Ordinal).Select(Describe)]));
            return;
        }

        if (path is ["admin", "requests"] && context.Request.Method == "GET")
        {
            await AnswerWriter.WriteNodeAsync(context, CountRequests());
            return;
        }

        if (path is not ["admin", "clusters", var name, var part] || !clusters.TryGetValue(name, out var cluster)) throw ApiException.NoSuchPath();
        switch (context.Request.Method, part)
        {
            case ("GET", "fault"):
                break;
            case ("PUT", "fault"):
                cluster.Fault = await ReadFaultAsync(context);
                break;
            case ("DELETE", "fault"):
                cluster.Fault = ClusterFault.None;
                break;
            case ("GET", "kubeconfig"):
                await AnswerWriter.WriteTextAsync(context, kubeconfig(name));
                return;
            case ("POST", "compact"):
                cluster.Compact();
                break;
            case ("POST", "drop-watches"):
                cluster.DropWatches();
                break;
            default:
                throw ApiException.NoSuchPath();
        }

        await AnswerWriter.WriteNodeAsync(context, JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(cluster.Fault, Json))!);
    }

    private static async Task<ClusterFault> ReadFaultAsync(HttpContext context)
    {
        try
        {
            var fault = JsonSerializer.Deserialize<ClusterFault>((await RequestBody.ReadAsync(context)).Span, Json) ?? ClusterFault.None;
            return fault.Latency < TimeSpan.Zero || fault.Latency > TimeSpan.FromHours(1) || fault.RetryAfter < TimeSpan.Zero || fault.RetryAfter > TimeSpan.FromHours(1) || fault.Times < 0
                ? throw ApiException.BadRequest("latency, retryAfter (of each at most one hour) and times are not negative") : fault;
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest("a fault is {kind: TooManyRequests|ServerError|Hang|Reset|Unauthorized|LostAnswer, latency: \"00:00:00.1\", retryAfter: \"00:00:01\", path: \"/configmaps\", times: 3}");
        }
    }

    private JsonObject CountRequests()
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (verb, count) in clusters.Values.SelectMany(static cluster => cluster.Requests.ByVerb()))
            sums[verb] = sums.GetValueOrDefault(verb) + count;
        var counts = new JsonObject(sums.Count);
        foreach (var (verb, count) in sums) counts.Append(verb, count);
        return counts;
    }

    private static JsonNode Describe(SimulatedCluster cluster)
    {
        var (count, bytes) = cluster.Measure();
        return new JsonObject { ["name"] = cluster.Name, ["objects"] = count, ["bytes"] = bytes, ["fault"] = cluster.Fault.Kind.ToString() };
    }
}
