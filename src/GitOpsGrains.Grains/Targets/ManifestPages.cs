using System.Globalization;
using System.Runtime.CompilerServices;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using RefusalKind = GitOpsGrains.Abstractions.RefusalKind;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Cuts a set of manifests into pages that are small enough for a call between grains.</summary>
internal static class ManifestPages
{
    /// <summary>Of the manifests of one page, unless one alone has more.</summary>
    public const int MaxPageBytes = 512 * 1024;

    /// <summary>Servers take no larger object either.</summary>
    public const int MaxObjectBytes = 1536 * 1024;

    private const int MarkLength = 16;

    /// <summary>For as long as the set is in memory: its next page is asked for soon.</summary>
    private static readonly ConditionalWeakTable<ManifestSet, Order> Orders = [];

    public static ManifestsView Of(string cluster, string commit, ManifestSet set, string space, ManifestsQuery query, IReadOnlyCollection<string> maskedAnnotations)
    {
        var offset = OffsetOf(query.After, set.Digest);
        var ordered = OrderOf(set, space);
        var items = new List<ManifestView>();
        var bytes = 0;
        foreach (var item in ordered.Skip(offset).Take(query.Limit))
        {
            var size = item.Manifest.Json.Length;
            var isShown = size <= MaxObjectBytes;
            if (isShown && items.Count > 0 && bytes + size > MaxPageBytes) break;
            if (isShown) bytes += size;
            items.Add(ViewOf(item, isShown, maskedAnnotations) with { Omitted = isShown ? null : $"it has {size} bytes, and more than {MaxObjectBytes} are not shown" });
        }
        var next = offset + items.Count;
        return new ManifestsView
        {
            Cluster = cluster,
            Revision = commit,
            Items = items,
            Continue = next < ordered.Count ? $"{next.ToString(CultureInfo.InvariantCulture)}-{MarkOf(set.Digest)}" : null,
            Total = ordered.Count,
        };
    }

    private static IReadOnlyList<OrderedManifest> OrderOf(ManifestSet set, string space)
    {
        if (Orders.TryGetValue(set, out var known) && known.Namespace == space) return known.Manifests;
        var order = new Order(space, ManifestOrder.Of(set, space));
        Orders.AddOrUpdate(set, order);
        return order.Manifests;
    }

    private static ManifestView ViewOf(OrderedManifest item, bool isShown, IReadOnlyCollection<string> maskedAnnotations)
    {
        var manifest = item.Manifest;
        return new ManifestView
        {
            Object = manifest.Id.ToString(),
            File = manifest.Position.File,
            Document = manifest.Position.Document,
            Phase = item.Phase?.ToString() ?? "Skip",
            Wave = item.Wave,
            Manifest = isShown ? ShownManifest.Of(manifest, ValueMask.For(manifest.Id, maskedAnnotations)) : null,
        };
    }

    /// <summary>A page goes on in the set that the one before was of.</summary>
    private static int OffsetOf(string? token, Digest set)
    {
        if (token is null) return 0;
        var dash = token.IndexOf('-', StringComparison.Ordinal);
        if (dash < 1 || token.Length - dash - 1 != MarkLength || !int.TryParse(token.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            throw new GrainRefusedException(RefusalKind.Invalid, "continue: this is no token of a page before");
        return token[(dash + 1)..] == MarkOf(set) ? offset
            : throw new GrainRefusedException(RefusalKind.Conflict, "the manifests have changed since the page before; begin with the first one");
    }

    private static string MarkOf(Digest set) => set.ToString()[..MarkLength];

    private sealed record Order(string Namespace, IReadOnlyList<OrderedManifest> Manifests);
}
