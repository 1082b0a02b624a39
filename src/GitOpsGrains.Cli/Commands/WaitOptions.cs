using System.CommandLine;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>--wait</c> and <c>--timeout</c> of commands that start an operation.</summary>
internal sealed class WaitOptions
{
    public Option<bool> Wait { get; } = new("--wait") { Description = "Wait until it is done." };

    public Option<string> Timeout { get; } = NewTimeout();

    public static Option<string> NewTimeout() => new("--timeout")
    {
        Description = "How long to wait: 30s, 5m, 1h. Exit code 3 when it is over.",
        DefaultValueFactory = static _ => "10m",
        HelpName = "DURATION",
    };

    public bool IsSet(ParseResult parsed) => parsed.GetValue(Wait);

    public TimeSpan TimeoutOf(ParseResult parsed) => ParseTimeout(parsed.GetValue(Timeout));

    public static TimeSpan ParseTimeout(string? text) =>
        Durations.TryParse(text, out var value) && value > TimeSpan.Zero && value <= TimeSpan.FromDays(7)
            ? value
            : throw CliException.Usage("--timeout: expected a duration such as 30s, 5m or 1h, at most 168h");
}
