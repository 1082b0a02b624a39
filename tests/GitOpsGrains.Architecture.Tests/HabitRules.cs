using System.Text.RegularExpressions;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>Size and habits of all code.</summary>
internal static partial class HabitRules
{
    public const int MaxLines = 500;

    public static IEnumerable<string> LengthViolations(SourceFile file)
    {
        var lines = file.Text.AsSpan().Count('\n');
        if (lines > MaxLines) yield return $"{file.Path}: {lines} lines, more than {MaxLines}";
    }

    /// <summary>Texts that say something of one machine, or that something is unfinished.</summary>
    public static IEnumerable<string> TextViolations(SourceFile file) =>
        MachineText().Matches(file.Text).Select(match => file.At(match, $"'{match.Value}' must not stand in the repository"));

    public static IEnumerable<string> SleepViolations(SourceFile file) =>
        Sleep().Matches(file.Code).Select(match => file.At(match, "waits by sleeping; wait for the condition"));

    /// <summary>Tests wait for conditions, with the one helper that may pause between looks.</summary>
    public static IEnumerable<string> TestDelayViolations(SourceFile file) =>
        file.Path == "tests/GitOpsGrains.Testing/Waiting.cs"
            ? []
            : FixedDelay().Matches(file.Code).Select(match => file.At(match, "waits a fixed time; use Eventually"));

    /// <summary>Classes and records are sealed unless something derives from them.</summary>
    public static IEnumerable<string> SealedViolations(IReadOnlyList<SourceFile> files)
    {
        var derived = files.SelectMany(static file => BaseList().Matches(file.Code)).SelectMany(static match => Word().Matches(match.Groups[1].Value)).Select(static match => match.Value).ToHashSet();
        var declared = files.SelectMany(static file => ClassHead().Matches(file.Code).Select(match => (File: file, Match: match))).GroupBy(static item => item.Match.Groups["name"].Value);
        foreach (var parts in declared)
        {
            if (derived.Contains(parts.Key)) continue;
            if (parts.Any(static part => OpenOrSealed().IsMatch(part.Match.Groups["modifiers"].Value))) continue;
            yield return parts.First().File.At(parts.First().Match, $"{parts.Key} must be sealed");
        }
    }

    // The words are written apart, so that this file does not hold them itself.
    [GeneratedRegex("(?<![A-Za-z0-9.])/" + "work/|(?<![A-Za-z0-9.])/" + @"root/|\bTO" + @"DO\b|\bFIX" + @"ME\b|\bHA" + @"CK\b|\bfor " + @"now\b")]
    private static partial Regex MachineText();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bSpinWait\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bTask\.Delay\(\s*(?:\d|TimeSpan\.From\w+\(\s*\d)")]
    private static partial Regex FixedDelay();

    [GeneratedRegex(@"^[ \t]*(?<modifiers>(?:(?:public|internal|private|protected|sealed|abstract|static|partial|file)\s+)*)(?:class|record class|record(?!\s+struct))\s+(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex ClassHead();

    [GeneratedRegex(@"\b(?:class|record)\s+\w+(?:<[^>{;]*>)?(?:\((?:[^(){}]|\([^()]*\))*\))?\s*:\s*([^{;]+)")]
    private static partial Regex BaseList();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(?:sealed|static|abstract)\b")]
    private static partial Regex OpenOrSealed();
}
