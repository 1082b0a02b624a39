using System.Globalization;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Budget;
using GitOpsGrains.Kubernetes.Requests;

namespace GitOpsGrains.Kubernetes.Reading;

/// <summary>Reads objects, pages of objects, and who the server is.</summary>
internal sealed class ObjectReader(RequestSender sender)
{
    private sealed record Identity(string Uid);

    private sealed record GitVersion(string Text);

    public async Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken)
    {
        var version = await sender.SendAsync(
            new ClusterRequest(HttpMethod.Get, "/version") { IsProbe = true },
            static body => new GitVersion(ObjectParser.Text(JsonElement.Parse(body), "gitVersion") ?? throw new JsonException("a version has a gitVersion")),
            cancellationToken);
        if (!version.IsSuccess) return version.Error;
        var identity = await sender.SendAsync(
            new ClusterRequest(HttpMethod.Get, "/api/v1/namespaces/kube-system") { IsProbe = true, Accept = MediaTypes.Metadata },
            static body => new Identity(ReadUid(body)),
            cancellationToken);
        return identity.IsSuccess ? new ServerInfo(version.Value.Text, identity.Value.Uid) : identity.Error;
    }

    public async Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, RequestLane lane, CancellationToken cancellationToken)
    {
        if (!ResourcePath.TryObject(resource, id, out var path, out var error)) return error;
        return await sender.SendAsync(
            new ClusterRequest(HttpMethod.Get, path) { Lane = lane }, body => ObjectParser.ParseObject(body, resource), cancellationToken);
    }

    public async Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, RequestLane lane, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        if (!ResourcePath.TryCollection(resource, query.Namespace, isWhole: true, out var path, out var error)) return error;
        var text = new StringBuilder(path).Append("?limit=").Append(query.Limit.ToString(CultureInfo.InvariantCulture));
        if (query.LabelSelector is { Length: > 0 } selector) text.Append("&labelSelector=").Append(Uri.EscapeDataString(selector));
        if (query.FieldSelector is { Length: > 0 } fields) text.Append("&fieldSelector=").Append(Uri.EscapeDataString(fields));
        if (query.Continue is { Length: > 0 } token) text.Append("&continue=").Append(Uri.EscapeDataString(token));
        var request = new ClusterRequest(HttpMethod.Get, text.ToString())
        {
            Lane = lane,
            Accept = query.MetadataOnly ? MediaTypes.MetadataList : MediaTypes.Json,
        };
        return await sender.SendAsync(request, body => ObjectParser.ParsePage(body, resource), cancellationToken);
    }

    public async Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, RequestLane lane, CancellationToken cancellationToken)
    {
        if (!ResourcePath.TryObject(pods, pod, out var path, out var error)) return error;
        // One byte more than is shown tells whether there were more.
        var text = new StringBuilder(path).Append(CultureInfo.InvariantCulture, $"/log?tailLines={query.Tail}&limitBytes={query.MaxBytes + 1}");
        if (query.Container.Length > 0) text.Append("&container=").Append(Uri.EscapeDataString(query.Container));
        return await sender.SendAsync(
            new ClusterRequest(HttpMethod.Get, text.ToString()) { Lane = lane, Accept = MediaTypes.Any },
            body => new PodLog(Encoding.UTF8.GetString(body[..Math.Min(body.Length, query.MaxBytes)]), body.Length > query.MaxBytes),
            cancellationToken);
    }

    private static string ReadUid(ReadOnlySpan<byte> body)
    {
        var root = JsonElement.Parse(body);
        var uid = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("metadata", out var metadata) ? ObjectParser.Text(metadata, "uid") : null;
        return string.IsNullOrEmpty(uid) ? throw new JsonException("a namespace has a uid") : uid;
    }
}
