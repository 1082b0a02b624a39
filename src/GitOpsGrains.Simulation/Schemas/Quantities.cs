using System.Globalization;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>Amounts as a server stores them: "1000m" is "1", "1024Mi" is "1Gi".</summary>
internal static class Quantities
{
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    /// <summary>A text that is no amount stays as it is.</summary>
    public static JsonNode Canonical(JsonNode amount)
    {
        var text = amount.ToString();
        var end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        var suffix = text[end..];
        var isNumber = decimal.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (!isNumber) return IsText(amount, text);
        var canonical = suffix.EndsWith('i') ? Scale(number, suffix, Binary, 1024) : Scale(number, suffix, Decimal, 1000);
        return canonical is null || (canonical == text && amount.GetValueKind() == System.Text.Json.JsonValueKind.String) ? IsText(amount, text) : canonical;
    }

    private static JsonNode IsText(JsonNode amount, string text) => amount.GetValueKind() == System.Text.Json.JsonValueKind.String ? amount : text;

    private static string? Scale(decimal number, string suffix, string[] suffixes, int step)
    {
        var at = Array.IndexOf(suffixes, suffix);
        if (at < 0) return null;
        while (number != decimal.Truncate(number) && at > 0) (number, at) = (number * step, at - 1);
        while (number != 0 && number % step == 0 && at < suffixes.Length - 1) (number, at) = (number / step, at + 1);
        if (number != decimal.Truncate(number)) return null;
        return number == 0 ? "0" : number.ToString("0", CultureInfo.InvariantCulture) + suffixes[at];
    }
}
