namespace GitOpsGrains.Documents.Fields;

/// <summary>
/// Names fields of JSON objects: what a JSON pointer, a jq path or a JMESPath expression says, step by step. Immutable.
/// Texts are hostile: they are at most <see cref="MaxText"/> characters long and have at most <see cref="MaxSteps"/> steps.
/// </summary>
public sealed record FieldPath(IReadOnlyList<FieldStep> Steps)
{
    public const int MaxText = 1024;
    public const int MaxSteps = 64;

    /// <summary>RFC 6901: <c>/spec/template/spec/containers/0/image</c>.</summary>
    /// <param name="fault">Why it is none, with the position; "" when it is one.</param>
    public static FieldPath? OfPointer(string text, out string fault) => Read(text, JsonPointerReader.Read, out fault);

    /// <summary>
    /// The paths of jq that have a place in the object: <c>.a."b-c"</c>, <c>.a["b"]</c>, <c>[0]</c>, <c>[]</c>,
    /// <c>| select(TEST)</c> and all of it behind a select. In a test: <c>==</c>, <c>!=</c>, <c>and</c>, <c>or</c>,
    /// <c>not</c>, and <c>test</c>, <c>startswith</c>, <c>endswith</c>, <c>contains</c>, <c>has</c> behind a pipe.
    /// </summary>
    /// <param name="fault">Why it is none, with the position; "" when it is one.</param>
    public static FieldPath? OfJq(string text, out string fault) => Read(text, static source => new JqReader(source).Read(), out fault);

    /// <summary>
    /// The expressions of JMESPath that have a place in the object: <c>a."b-c"</c>, <c>[0]</c>, <c>[*]</c>, <c>[]</c>,
    /// <c>*</c>, <c>[?TEST]</c>. In a test: <c>==</c>, <c>!=</c>, <c>&amp;&amp;</c>, <c>||</c>, <c>!</c>, and
    /// <c>starts_with</c>, <c>ends_with</c>, <c>contains</c>.
    /// </summary>
    /// <param name="fault">Why it is none, with the position; "" when it is one.</param>
    public static FieldPath? OfJmes(string text, out string fault) => Read(text, static source => new JmesReader(source).Read(), out fault);

    private static FieldPath? Read(string text, Func<string, List<FieldStep>> read, out string fault)
    {
        fault = "";
        try
        {
            if (text.Length > MaxText) throw new FieldPathException(MaxText, $"longer than {MaxText} characters");
            var steps = read(text);
            if (steps.Count > MaxSteps) throw new FieldPathException(text.Length, $"more than {MaxSteps} steps");
            if (steps.All(static step => step is FieldStep.Where)) throw new FieldPathException(0, "names the whole object");
            return new FieldPath(steps);
        }
        catch (FieldPathException wrong)
        {
            fault = $"at character {wrong.Position + 1}: {wrong.Message}";
            return null;
        }
    }
}
