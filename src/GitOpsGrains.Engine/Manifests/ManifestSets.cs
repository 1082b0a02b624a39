using System.Globalization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>Makes one set of the objects of all files of a source.</summary>
public static class ManifestSets
{
    /// <summary>A set, or a fault for each object that stands there twice, naming both positions.</summary>
    public static (ManifestSet? Set, IReadOnlyList<ManifestFault> Faults) Combine(IEnumerable<ManifestObject> objects)
    {
        var ordered = objects.ToList();
        ordered.Sort(static (left, right) =>
        {
            var order = left.Id.CompareTo(right.Id);
            if (order == 0) order = string.CompareOrdinal(left.Position.File, right.Position.File);
            return order != 0 ? order : left.Position.Document.CompareTo(right.Position.Document);
        });

        var faults = new List<ManifestFault>();
        using var digest = new DigestBuilder();
        for (var i = 0; i < ordered.Count; i++)
        {
            // Whoever has the set tells people where each object stands: equal objects of other files are another set.
            digest.Add(ordered[i].Hash).Add(ordered[i].Position.File).Add(ordered[i].Position.Document.ToString(CultureInfo.InvariantCulture));
            if (i == 0 || ordered[i].Id != ordered[i - 1].Id) continue;
            var (file, document) = ordered[i].Position;
            faults.Add(new ManifestFault(file, document, ordered[i].Id, $"the same object is already in {ordered[i - 1].Position}"));
        }

        return faults.Count > 0 ? (null, faults) : (new ManifestSet(digest.Finish(), ordered), faults);
    }
}
