using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Desired;

/// <summary>A hook as a target wants it run on its cluster.</summary>
/// <param name="Id">Of a manifest with generateName: of no object, but the same as long as the manifest is.</param>
/// <param name="GenerateName">Null where the manifest names the object.</param>
public sealed record DesiredHook(ResourceId Id, HookPolicy Policy, int Wave, string? GenerateName, ManifestObject Manifest, TrackingOwner Owner)
{
    // What Kubernetes takes as the name of most kinds, less what is added.
    private const int MaxPrefix = 253;

    public ManifestPosition Position => Manifest.Position;

    /// <summary>
    /// The object that one run of a phase makes. With generateName its name is
    /// <c>{generateName}{first 7 of the commit}-{phase}-{unix time of the sync's start}</c>, as Argo CD's.
    /// </summary>
    /// <param name="run">See <see cref="RunOf"/>.</param>
    public DesiredObject Make(SyncPhase phase, string commit, DateTimeOffset started, string run)
    {
        if (GenerateName is null) return DesiredObjects.Make(Manifest, Id, Owner, run: run);
        var suffix = $"{commit[..Math.Min(7, commit.Length)]}-{phase}-{started.ToUnixTimeSeconds()}".ToLowerInvariant();
        var prefix = GenerateName.Length + suffix.Length <= MaxPrefix ? GenerateName : GenerateName[..(MaxPrefix - suffix.Length)];
        return DesiredObjects.Make(Manifest, Id with { Name = prefix + suffix }, Owner, isNamedHere: true, run);
    }

    /// <summary>Names one run of a phase: another try of the same operation starts at another time.</summary>
    public static string RunOf(string operation, SyncPhase phase, DateTimeOffset started) =>
        $"{operation}/{phase}/{started.ToUnixTimeMilliseconds()}".ToLowerInvariant();
}
