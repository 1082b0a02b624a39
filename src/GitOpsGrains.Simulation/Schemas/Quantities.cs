using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>Amounts as a server stores them: "1000m" is "1", "1024Mi" is "1Gi", "0.5" is "500m", "0.1Ki" is "102400m".</summary>
internal static partial class Quantities
{
    private const int MilliExponent = -3;
    private const int NanoExponent = -9;
    private const int LargestExponent = 18;

    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    // Servers round lists of resources up to thousandths.
    private static readonly BigInteger Milli = 1000;
    private static readonly BigInteger LargestBinary = long.MaxValue * Milli;

    /// <summary>A text that is no amount stays as it is.</summary>
    public static JsonNode Canonical(JsonNode amount)
    {
        var text = amount.ToString();
        var canonical = Canonical(text);
        return canonical == text && amount.GetValueKind() == JsonValueKind.String ? amount : canonical;
    }

    private static string Canonical(string text)
    {
        var match = Amount().Match(text);
        if (!match.Success) return text;
        var fraction = match.Groups["fraction"].Value;
        var digits = match.Groups["whole"].Value + fraction;
        if (digits.Length is 0 or > 60) return text;
        var number = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        var suffix = match.Groups["suffix"].Value;
        var step = Array.IndexOf(Binary, suffix);
        string size;
        if (step > 0) size = OfBinary(BigInteger.Min(Ratio(number * BigInteger.Pow(1024, step) * Milli, fraction.Length), LargestBinary));
        else if (match.Groups["exponent"].Success)
        {
            if (!int.TryParse(match.Groups["exponent"].Value, CultureInfo.InvariantCulture, out var exponent) || Math.Abs(exponent) > 100) return text;
            size = OfDecimal(Ratio(number * BigInteger.Pow(10, 100 + exponent) * Milli, fraction.Length + 100), isExponent: true);
        }
        else
        {
            size = OfDecimal(Ratio(number * BigInteger.Pow(10, 3 * Array.IndexOf(Decimal, suffix)), fraction.Length + MilliExponent - NanoExponent), isExponent: false);
        }

        return match.Groups["sign"].Value == "-" && size != "0" ? "-" + size : size;
    }

    /// <summary>Rounded up, away from nothing.</summary>
    private static BigInteger Ratio(BigInteger number, int places)
    {
        var divisor = BigInteger.Pow(10, places);
        return (number + divisor - 1) / divisor;
    }

    private static string OfDecimal(BigInteger millis, bool isExponent)
    {
        if (millis.IsZero) return "0";
        var exponent = MilliExponent;
        while ((isExponent || exponent < LargestExponent) && millis % 1000 == 0) (millis, exponent) = (millis / 1000, exponent + 3);
        var suffix = !isExponent ? Decimal[(exponent - NanoExponent) / 3] : exponent == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"e{exponent}");
        return millis.ToString(CultureInfo.InvariantCulture) + suffix;
    }

    /// <summary>What is below 1 Ki or no whole number is written in decimals, which lose nothing.</summary>
    private static string OfBinary(BigInteger millis)
    {
        if (millis < 1024 * Milli || millis % Milli != 0) return OfDecimal(millis, isExponent: false);
        var (number, step) = (millis / Milli, 0);
        while (step < Binary.Length - 1 && number % 1024 == 0) (number, step) = (number / 1024, step + 1);
        return number.ToString(CultureInfo.InvariantCulture) + Binary[step];
    }

    [GeneratedRegex(@"^(?<sign>[+-]?)(?<whole>[0-9]*)(?:\.(?<fraction>[0-9]*))?(?:[eE](?<exponent>[+-]?[0-9]+)|(?<suffix>[numkMGTPE]?|[KMGTPE]i))\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Amount();
}
