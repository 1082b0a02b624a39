using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Tables;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Answers lists, in pages of one moment.</summary>
internal static class ListResponder
{
    public static async Task WriteAsync(HttpContext context, SimulatedCluster cluster, ObjectAddress address, ApiQuery query, DateTimeOffset now)
    {
        var (version, start) = ReadToken(query.Continue);
        var (limit, asked) = (query.Limit, query.Version);
        if (version is null && query.IsExact) version = asked;
        var labels = LabelSelector.Parse(query.LabelSelector);
        var fields = FieldSelector.Parse(query.FieldSelector);
        List<StoredObject> page = [];
        string? next = null;
        long at;
        lock (cluster.Store.Gate)
        {
            at = version ?? cluster.Store.Version;
            foreach (var stored in cluster.Store.Of(address.Kind).At(at, cluster.Store.Version, address.Namespace, start))
            {
                if (!labels.Matches(stored) || !fields.Matches(stored, address.Kind)) continue;
                if (limit > 0 && page.Count == limit)
                {
                    next = WriteToken(at, ResourceCollection.Key(page[^1].Namespace, page[^1].Name, address.Namespace));
                    break;
                }

                page.Add(stored);
            }
        }

        if (AnswerWriter.WantsTable(context.Request) is { } included)
        {
            await AnswerWriter.WriteNodeAsync(context, Table.Of(address.Kind, page, included, Table.Metadata(at, next), now));
            return;
        }

        context.Response.ContentType = "application/json";
        var isMetadata = AnswerWriter.WantsMetadata(context.Request);
        var output = context.Response.BodyWriter;
        var (kind, apiVersion) = isMetadata ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (address.Kind.Kind, address.Kind.ApiVersion);
        var token = next is null ? "" : $",\"continue\":\"{next}\"";
        Write(output, $"{{\"kind\":\"{kind}List\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{{\"resourceVersion\":\"{at.ToString(CultureInfo.InvariantCulture)}\"{token}}},\"items\":[");
        for (var index = 0; index < page.Count; index++)
        {
            if (index > 0) Write(output, ",");
            if (isMetadata) page[index].WriteMetadataTo(output);
            else page[index].WriteTo(output, address.Kind);
            if (index % 64 == 63) await output.FlushAsync(context.RequestAborted);
        }

        Write(output, "]}");
        await output.FlushAsync(context.RequestAborted);
    }

    private static void Write(IBufferWriter<byte> output, string text) => output.Write(Encoding.UTF8.GetBytes(text));

    private static string WriteToken(long version, string last) => Convert.ToBase64String(
        new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = version, ["start"] = last + "\0" }.ToUtf8()).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static (long? Version, string? Start) ReadToken(string? token)
    {
        if (string.IsNullOrEmpty(token)) return (null, null);
        try
        {
            var text = token.Replace('-', '+').Replace('_', '/');
            var node = JsonNode.Parse(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')));
            return (node!["rv"]!.GetValue<long>(), node["start"]!.GetValue<string>());
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException or NullReferenceException)
        {
            throw ApiException.BadRequest("invalid continue token: continue key is not valid");
        }
    }
}
