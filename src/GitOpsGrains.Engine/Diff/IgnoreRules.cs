using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Fields;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>The <c>ignoreDifferences</c> of an application, read once for all its objects. Immutable.</summary>
public sealed class IgnoreRules
{
    private readonly IReadOnlyList<Rule> _rules;

    private IgnoreRules(IReadOnlyList<Rule> rules) => _rules = rules;

    private sealed record Rule(IgnoreDifference Said, string Text, IReadOnlyList<FieldPath> Paths);

    public static IgnoreRules None { get; } = new([]);

    public bool IsEmpty => _rules.Count == 0;

    /// <summary>
    /// Documents are checked before they are stored. A path that can't be read all the same, since another version stored
    /// it, ignores nothing: the difference shows.
    /// </summary>
    public static IgnoreRules Of(IReadOnlyList<IgnoreDifference> differences) => differences.Count == 0 ? None : new([.. differences.Select(Read)]);

    /// <summary>What is ignored of one object; <see cref="ObjectIgnores.None"/> if no rule is about it.</summary>
    public ObjectIgnores For(ResourceId id)
    {
        if (_rules.Count == 0) return ObjectIgnores.None;
        var matching = _rules.Where(rule => IsAbout(rule.Said, id)).ToArray();
        if (matching.Length == 0) return ObjectIgnores.None;
        using var digest = new DigestBuilder();
        foreach (var rule in matching) digest.Add(rule.Text);
        return new ObjectIgnores(
            digest.Finish().ToString(),
            [.. matching.SelectMany(rule => rule.Paths)],
            matching.SelectMany(rule => rule.Said.ManagedFieldsManagers).ToHashSet(StringComparer.Ordinal));
    }

    private static Rule Read(IgnoreDifference said) => new(said, JsonSerializer.Serialize(said, DocumentJson.Options),
    [
        .. said.JsonPointers.Select(text => FieldPath.OfPointer(text, out _)).OfType<FieldPath>(),
        .. said.JqPathExpressions.Select(text => FieldPath.OfJq(text, out _)).OfType<FieldPath>(),
        .. said.JmesPaths.Select(text => FieldPath.OfJmes(text, out _)).OfType<FieldPath>(),
    ]);

    private static bool IsAbout(IgnoreDifference said, ResourceId id) =>
        Matches(said.Group, id.Group) && Matches(said.Kind, id.Kind) && Matches(said.Namespace, id.Namespace) && Matches(said.Name, id.Name);

    private static bool Matches(string pattern, string name) => pattern.Length == 0 || NamePattern.Matches(pattern, name);
}
