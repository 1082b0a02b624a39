using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>The checks of a custom resource's schema that can be made on one value.</summary>
internal sealed record ValueRules(
    IReadOnlyList<JsonNode> Enum, double? Minimum, double? Maximum, int? MinLength, int? MaxLength, int? MinItems, int? MaxItems, string? Pattern)
{
    // Linear in the text, as a server's own expressions are.
    private readonly Regex? _pattern = Pattern is null ? null : Read(Pattern);

    /// <summary>The first fault in the server's words, or null.</summary>
    public string? Fault(JsonNode value)
    {
        if (Enum.Count > 0 && !Enum.Any(choice => JsonNode.DeepEquals(choice, value)))
            return $"Unsupported value: {value.ToJsonString()}: supported values: {string.Join(", ", Enum.Select(choice => choice.ToJsonString()))}";
        return value.GetValueKind() switch
        {
            JsonValueKind.Number => NumberFault(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)),
            JsonValueKind.String => TextFault(value.GetValue<string>()),
            JsonValueKind.Array => CountFault(value.AsArray().Count),
            _ => null,
        };
    }

    private string? NumberFault(double number) =>
        number < Minimum ? $"Invalid value: {number}: should be greater than or equal to {Minimum}"
        : number > Maximum ? $"Invalid value: {number}: should be less than or equal to {Maximum}" : null;

    private string? TextFault(string text)
    {
        if (text.Length < MinLength) return $"Invalid value: \"{text}\": should be at least {MinLength} chars long";
        if (text.Length > MaxLength) return $"Too long: may not be longer than {MaxLength}";
        return _pattern is null || _pattern.IsMatch(text)
            ? null : $"Invalid value: \"{text}\": should match '{Pattern}'";
    }

    /// <summary>Errors: FormatException.</summary>
    private static Regex Read(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"Invalid value: \"{pattern}\": must be a valid regular expression, but isn't: {exception.Message}", exception);
        }
    }

    private string? CountFault(int count) =>
        count < MinItems ? $"Invalid value: {count}: should have at least {MinItems} items"
        : count > MaxItems ? $"Too many: {count}: must have at most {MaxItems} items" : null;
}
