namespace GitOpsGrains.Gateway.Metrics;

/// <summary>A label of a metric, with all values that it may have: what is none of them is exported as <c>other</c>.</summary>
/// <param name="Tag">The instrument's name for it.</param>
internal sealed record MetricLabel(string Tag, params string[] Values)
{
    public const string Other = "other";

    public string Name { get; } = Tag.Replace('.', '_');

    /// <summary>An absent tag is no value of the list either.</summary>
    public int IndexOf(string? value)
    {
        // Values are mostly the same object, and the lists are short.
        var index = Array.IndexOf(Values, value);
        return index < 0 ? Values.Length : index;
    }

    public string At(int index) => index < Values.Length ? Values[index] : Other;
}
