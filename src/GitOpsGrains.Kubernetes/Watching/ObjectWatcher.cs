using System.Runtime.CompilerServices;
using System.Text;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Kubernetes.Requests;

namespace GitOpsGrains.Kubernetes.Watching;

/// <summary>Watches collections. A watch holds a turn in the budget only until its headers have come.</summary>
internal sealed class ObjectWatcher(RequestSender sender, KubernetesOptions options, TimeProvider time)
{
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ApiResource resource, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (query.ResourceVersion is "" or "0") throw new ArgumentException("a watch starts from a list's resourceVersion", nameof(query));
        if (!ResourcePath.TryCollection(resource, query.Namespace, isWhole: true, out var path, out var refusal))
        {
            yield return WatchEventParser.OfError(refusal);
            yield break;
        }

        var request = new ClusterRequest(HttpMethod.Get, path + Query(query)) { Accept = query.MetadataOnly ? MediaTypes.Metadata : MediaTypes.Json };
        var answer = await sender.OpenAsync(request, cancellationToken);
        if (!answer.IsSuccess)
        {
            yield return WatchEventParser.OfError(answer.Error);
            yield break;
        }

        await using var stream = await WatchStream.OpenAsync(
            answer.Value, resource, options.MaxWatchLineBytes, options.WatchSilence, time, cancellationToken);
        while (await stream.NextAsync(cancellationToken) is { } watchEvent)
        {
            yield return watchEvent;
            if (watchEvent.Kind == WatchEventKind.Error) yield break;
        }
    }

    private static string Query(WatchQuery query)
    {
        var text = new StringBuilder("?watch=true&allowWatchBookmarks=true&resourceVersion=").Append(Uri.EscapeDataString(query.ResourceVersion));
        if (query.LabelSelector is { Length: > 0 } selector) text.Append("&labelSelector=").Append(Uri.EscapeDataString(selector));
        return text.ToString();
    }
}
