using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Budget;
using GitOpsGrains.Kubernetes.Reading;
using GitOpsGrains.Kubernetes.Requests;

namespace GitOpsGrains.Kubernetes.Applying;

/// <summary>Applies, patches, creates, updates and deletes objects: as the field manager "gitopsgrains", unless an apply names another.</summary>
internal sealed class ObjectWriter(RequestSender sender)
{
    private const string Manager = "fieldManager=gitopsgrains";

    public async Task<ClusterAnswer<LiveObject>> ApplyAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, RequestLane lane, CancellationToken cancellationToken)
    {
        if (!ResourcePath.TryObject(resource, id, out var path, out var error)) return error;
        var query = $"{path}?fieldManager={Uri.EscapeDataString(options.Manager)}&force={(options.Force ? "true" : "false")}{DryRun(options.DryRun)}";
        return await WriteAsync(resource, new ClusterRequest(HttpMethod.Patch, query) { Lane = lane, MaySend = options.MaySend }, body, MediaTypes.ApplyPatch, cancellationToken);
    }

    public async Task<ClusterAnswer<LiveObject>> PatchAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, RequestLane lane, CancellationToken cancellationToken)
    {
        if (!ResourcePath.TryObject(resource, id, out var path, out var error)) return error;
        var request = new ClusterRequest(HttpMethod.Patch, $"{path}?{Manager}{DryRun(dryRun)}") { Lane = lane };
        return await WriteAsync(resource, request, patch, MediaTypes.JsonPatch, cancellationToken);
    }

    public async Task<ClusterAnswer<LiveObject>> CreateAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, RequestLane lane, CancellationToken cancellationToken)
    {
        if (!ResourcePath.TryCollection(resource, id.Namespace, isWhole: false, out var path, out var error)) return error;
        return await WriteAsync(resource, new ClusterRequest(HttpMethod.Post, $"{path}?{Manager}") { Lane = lane }, body, MediaTypes.Json, cancellationToken);
    }

    public async Task<ClusterAnswer<LiveObject>> UpdateAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, RequestLane lane, CancellationToken cancellationToken)
    {
        if (!ResourcePath.TryObject(resource, id, out var path, out var error)) return error;
        var request = new ClusterRequest(HttpMethod.Put, $"{path}?{Manager}{DryRun(dryRun)}") { Lane = lane };
        return await WriteAsync(resource, request, body, MediaTypes.Json, cancellationToken);
    }

    public async Task<ClusterAnswer<Deletion>> DeleteAsync(
        ApiResource resource, ResourceId id, DeleteOptions options, RequestLane lane, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Uid);
        ArgumentException.ThrowIfNullOrEmpty(options.ResourceVersion);
        if (!ResourcePath.TryObject(resource, id, out var path, out var error)) return error;
        var request = new ClusterRequest(HttpMethod.Delete, path) { Lane = lane, Body = WriteOptions(options), ContentType = MediaTypes.Json, MaySend = options.MaySend };
        return await sender.SendAsync(request, ReadDeletion, cancellationToken);
    }

    private Task<ClusterAnswer<LiveObject>> WriteAsync(
        ApiResource resource, ClusterRequest request, ReadOnlyMemory<byte> body, string contentType, CancellationToken cancellationToken) =>
        sender.SendAsync(
            request with { Body = body, ContentType = contentType, IsSecret = ClusterRequest.IsSecretKind(resource) },
            answer => ObjectParser.ParseObject(answer, resource),
            cancellationToken);

    private static string DryRun(bool isDryRun) => isDryRun ? "&dryRun=All" : "";

    private static ReadOnlyMemory<byte> WriteOptions(DeleteOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "DeleteOptions");
        json.WriteString("propagationPolicy", options.Propagation.ToString());
        json.WriteStartObject("preconditions");
        json.WriteString("uid", options.Uid);
        json.WriteString("resourceVersion", options.ResourceVersion);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Servers answer a Status, or the object: with a deletionTimestamp while something holds it, without one when it is gone.</summary>
    private static Deletion ReadDeletion(ReadOnlySpan<byte> body)
    {
        var root = JsonElement.Parse(body, new JsonDocumentOptions { MaxDepth = ObjectParser.MaxDepth });
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("an answer to a deletion is an object");
        if (ObjectParser.Text(root, "kind") == "Status" || !root.TryGetProperty("metadata", out var metadata)) return new Deletion(false, []);
        if (ObjectParser.Text(metadata, "deletionTimestamp") is null) return new Deletion(false, []);
        var finalizers = Finalizers(metadata);
        // Namespaces have theirs in the spec.
        if (root.TryGetProperty("spec", out var spec)) finalizers.AddRange(Finalizers(spec));
        return new Deletion(true, finalizers);
    }

    private static List<string> Finalizers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("finalizers", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];
}
