using System.Text.RegularExpressions;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>What is persisted or sent has a fixed name; news goes up without being waited for; grains never block.</summary>
internal static partial class GrainRules
{
    /// <summary>Methods of interfaces that end in Listener carry both attributes.</summary>
    public static IEnumerable<string> ListenerViolations(SourceFile file)
    {
        foreach (Match head in ListenerHead().Matches(file.Code))
        {
            var body = BodyFrom(file.Code, head.Index + head.Length);
            var start = head.Index + head.Length;
            foreach (var member in body.Split(';'))
            {
                if (member.Contains('(', StringComparison.Ordinal) && !(OneWay().IsMatch(member) && AlwaysInterleave().IsMatch(member)))
                    yield return $"{file.Path}:{file.LineOf(start + member.Length - member.TrimStart().Length)}: a method of {head.Groups[1].Value} must be [OneWay, AlwaysInterleave]";
                start += member.Length + 1;
            }
        }
    }

    public static IEnumerable<string> NameViolations(SourceFile file)
    {
        foreach (Match match in Declaration().Matches(file.Code))
        {
            var (attributes, modifiers, kind, name, bases) = (match.Groups["attributes"].Value, match.Groups["modifiers"].Value, match.Groups["kind"].Value, match.Groups["name"].Value, match.Groups["bases"].Value);
            if (kind == "class" && IsGrainClass(bases) && !modifiers.Contains("abstract", StringComparison.Ordinal) && !attributes.Contains("GrainType(", StringComparison.Ordinal))
                yield return file.At(match, $"the grain {name} needs [GrainType]");
            if (kind == "interface" && GrainInterfaceBase().IsMatch(bases) && !attributes.Contains("Alias(", StringComparison.Ordinal))
                yield return file.At(match, $"the grain interface {name} needs [Alias]");
            if (attributes.Contains("GenerateSerializer", StringComparison.Ordinal) && !attributes.Contains("Alias(", StringComparison.Ordinal))
                yield return file.At(match, $"the wire type {name} needs [Alias]");
        }
    }

    public static IEnumerable<string> BlockingViolations(SourceFile file) =>
        Blocking().Matches(file.Code).Select(match => file.At(match, $"'{match.Value.Trim()}' blocks or leaves the grain scheduler"));

    private static bool IsGrainClass(string bases) => GrainClassBase().IsMatch(bases);

    /// <summary>From an opening brace to its closing one.</summary>
    private static string BodyFrom(string code, int start)
    {
        var depth = 1;
        for (var i = start; i < code.Length; i++)
        {
            if (code[i] == '{') depth++;
            else if (code[i] == '}' && --depth == 0) return code[start..i];
        }

        return code[start..];
    }

    [GeneratedRegex(@"\binterface\s+(I\w*Listener)\b[^{;]*\{")]
    private static partial Regex ListenerHead();

    [GeneratedRegex(@"\[[^\]]*\bOneWay\b[^\]]*\]")]
    private static partial Regex OneWay();

    [GeneratedRegex(@"\[[^\]]*\bAlwaysInterleave\b[^\]]*\]")]
    private static partial Regex AlwaysInterleave();

    [GeneratedRegex(@"(?<attributes>(?:^[ \t]*\[[^\n]*\][ \t]*\n)*)^[ \t]*(?<modifiers>(?:(?:public|internal|private|protected|sealed|abstract|static|partial|readonly|file)\s+)*)(?<kind>class|interface|record struct|record class|record|struct|enum)\s+(?<name>\w+)(?<bases>[^{;]*)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@":\s*(?:[\w.<>, ]*\b)?(?:Grain|Grain<[^>]*>|IGrainBase)\b(?!With)")]
    private static partial Regex GrainClassBase();

    [GeneratedRegex(@"\bIGrain(?:With\w+Key|Observer)\b")]
    private static partial Regex GrainInterfaceBase();

    [GeneratedRegex(@"\.ConfigureAwait\(\s*false\s*\)|\)\s*\.Result\b|\.Wait\(|\.GetAwaiter\(\)\s*\.GetResult\(\)|\bTask\.WaitA(?:ll|ny)\(")]
    private static partial Regex Blocking();
}
