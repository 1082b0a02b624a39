namespace GitOpsGrains.Engine.Desired;

/// <summary>
/// The sync options of an application (<c>Replace=true</c>), over which the annotations of an object win
/// (<c>argocd.argoproj.io/sync-options</c>, <c>gitopsgrains.io/sync-options</c>).
/// </summary>
public sealed class SyncOptionSet(IReadOnlyList<string> application)
{
    private readonly Dictionary<string, string> _application = Read(application);

    public static SyncOptionSet None { get; } = new([]);

    /// <summary>The option is "true" for an object with these annotations.</summary>
    public bool IsSet(string name, IReadOnlyDictionary<string, string> annotations) => Value(name, annotations) == "true";

    /// <summary>The application itself says "true".</summary>
    public bool IsSet(string name) => _application.GetValueOrDefault(name) == "true";

    /// <summary>What the object's annotations say, else what the application says, else null.</summary>
    public string? Value(string name, IReadOnlyDictionary<string, string> annotations) =>
        ObjectAnnotations.Option(annotations, name) ?? _application.GetValueOrDefault(name);

    private static Dictionary<string, string> Read(IReadOnlyList<string> options)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in options)
            if (option.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                values[option[..at]] = option[(at + 1)..];
        return values;
    }
}
