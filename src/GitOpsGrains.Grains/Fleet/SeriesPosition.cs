using System.Globalization;
using System.Security.Cryptography;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>A place in what one activation, or one silo, numbers from 1: "series-number". Nobody else ever has the same series.</summary>
internal readonly record struct SeriesPosition(string Series, long Number)
{
    /// <summary>Before the first of a new series.</summary>
    public static SeriesPosition Begin(int length) => new(RandomNumberGenerator.GetHexString(length, lowercase: true), 0);

    public SeriesPosition Next => this with { Number = Number + 1 };

    /// <summary>Null for another text.</summary>
    public static SeriesPosition? Read(string text) =>
        text.LastIndexOf('-') is var dash and > 0 && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new SeriesPosition(text[..dash], number) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Series}-{Number}");
}
