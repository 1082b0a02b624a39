using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// The rendered objects of one source, immutable and content-addressed: the same objects in the same files of a source have the
/// same <see cref="Digest"/>, wherever and whenever they were rendered.
/// </summary>
/// <param name="Digest">Over the hashes and positions of all objects in order of id.</param>
/// <param name="Objects">In order of id, then position; no two have the same id.</param>
public sealed record ManifestSet(Digest Digest, IReadOnlyList<ManifestObject> Objects);
