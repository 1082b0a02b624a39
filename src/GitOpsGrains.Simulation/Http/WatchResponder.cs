using System.Buffers;
using System.Globalization;
using System.Text;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Tables;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Answers watches: a line per change, bookmarks each minute, an ERROR of 410 for what is no longer known.</summary>
internal sealed class WatchResponder(TimeProvider time, Pulse pulse)
{
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(45);

    public async Task WriteAsync(HttpContext context, SimulatedCluster cluster, ObjectAddress address, ApiQuery query)
    {
        if (query.Text("sendInitialEvents") is "true") throw ApiException.Invalid(address.Kind, "", [("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")]);
        var watch = new Watch(context, cluster, address, time, LabelSelector.Parse(query.LabelSelector), FieldSelector.Parse(query.FieldSelector));
        var version = query.Version ?? 0;
        var end = time.GetUtcNow() + (query.Timeout ?? Longest);
        var bookmark = time.GetUtcNow() + BookmarkEvery;
        var (stop, dropped) = (context.RequestAborted, cluster.Dropped);
        context.Response.ContentType = "application/json";
        try
        {
            await context.Response.StartAsync(stop);
            if (version == 0) version = watch.WriteAll();
            await context.Response.BodyWriter.FlushAsync(stop);
            while (time.GetUtcNow() < end)
            {
                var beat = pulse.Next;
                var (changed, now) = watch.WriteSince(version);
                version = Math.Max(version, now);
                if (query.Bookmarks && time.GetUtcNow() >= bookmark)
                {
                    watch.WriteBookmark(version);
                    bookmark = time.GetUtcNow() + BookmarkEvery;
                }

                await context.Response.BodyWriter.FlushAsync(stop);
                if (await Task.WhenAny(changed, beat, dropped).WaitAsync(stop) != dropped) continue;
                // A cut, no orderly end.
                context.Abort();
                return;
            }
        }
        catch (ApiException exception)
        {
            watch.WriteError(exception);
            await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The client has left.
        }
    }

    private sealed class Watch(HttpContext context, SimulatedCluster cluster, ObjectAddress address, TimeProvider time, LabelSelector labels, FieldSelector fields)
    {
        private readonly bool _isMetadata = AnswerWriter.WantsMetadata(context.Request);
        private readonly RowObject? _table = AnswerWriter.WantsTable(context.Request);
        private readonly IBufferWriter<byte> _output = context.Response.BodyWriter;

        /// <summary>The objects that are there, as if they had just come; their version.</summary>
        public long WriteAll()
        {
            List<StoredObject> all;
            long version;
            lock (cluster.Store.Gate)
            {
                version = cluster.Store.Version;
                all = [.. cluster.Store.Of(address.Kind).Objects.Where(IsWatched)];
            }

            foreach (var stored in all) Write("ADDED", stored);
            return version;
        }

        /// <summary>Errors: 410.</summary>
        public (Task Changed, long Version) WriteSince(long version)
        {
            List<ObjectEvent> events;
            Task changed;
            long now;
            lock (cluster.Store.Gate)
            {
                now = cluster.Store.Version;
                var objects = cluster.Store.Of(address.Kind);
                events = objects.Since(version, now);
                changed = objects.Changed;
            }

            foreach (var change in events) Write(change);
            return (changed, now);
        }

        public void WriteBookmark(long version)
        {
            var (kind, apiVersion) = _isMetadata ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (address.Kind.Kind, address.Kind.ApiVersion);
            Text($"{{\"type\":\"BOOKMARK\",\"object\":{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{{\"resourceVersion\":\"{version.ToString(CultureInfo.InvariantCulture)}\",\"creationTimestamp\":null}}}}}}\n");
        }

        public void WriteError(ApiException exception) => Text($"{{\"type\":\"ERROR\",\"object\":{exception.ToStatus().ToJsonString()}}}\n");

        private void Write(ObjectEvent change)
        {
            var was = change.Before is not null && IsWatched(change.Before);
            var isNow = !change.IsDelete && IsWatched(change.After);
            if (isNow) Write(was ? "MODIFIED" : "ADDED", change.After);
            else if (was) Write("DELETED", change.After);
        }

        private bool IsWatched(StoredObject stored) =>
            (address.Namespace.Length == 0 || stored.Namespace == address.Namespace) && labels.Matches(stored) && fields.Matches(stored, address.Kind);

        private void Write(string type, StoredObject stored)
        {
            Text($"{{\"type\":\"{type}\",\"object\":");
            if (_table is { } included) Table.Of(address.Kind, [stored], included, Table.Metadata(stored.Version), time.GetUtcNow()).WriteTo(_output);
            else if (_isMetadata) stored.WriteMetadataTo(_output);
            else stored.WriteTo(_output, address.Kind);
            Text("}\n");
        }

        private void Text(string text) => _output.Write(Encoding.UTF8.GetBytes(text));
    }
}
