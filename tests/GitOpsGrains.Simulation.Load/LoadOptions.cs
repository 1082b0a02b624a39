using System.Globalization;

namespace GitOpsGrains.Simulation.Load;

/// <summary>What to run, and how much of it.</summary>
internal sealed record LoadOptions
{
    public const string Usage = """
        usage: GitOpsGrains.Simulation.Load serve|applies|reads|deletes|memory|saves [--clusters N] [--objects N] [--requests N] [--in-flight N] [--kind configmap|deployment] [--controllers 1]
          serve    a fleet as a process of its own; its first line of output is {"url", "token", "authority"}; ends with its input
          applies  server-side applies from one process against a fleet in another
          reads    the same objects by GET: what HTTP itself costs
          deletes  deletions with controllers at work, among N, 4 N and 16 N objects
          memory   bytes per cluster and per object
          saves    one cluster that changes and is saved into --folder without a pause, until it is killed
        """;

    public required string Command { get; init; }

    public int Clusters { get; init; } = 1;

    /// <summary>Per cluster.</summary>
    public int Objects { get; init; } = 1000;

    public int Requests { get; init; } = 100_000;

    public int InFlight { get; init; } = 64;

    /// <summary>Where a cluster is saved.</summary>
    public string Folder { get; init; } = ".";

    public string Kind { get; init; } = "configmap";

    /// <summary>Of the clusters that are served: 1 runs them.</summary>
    public int Controllers { get; init; }

    /// <summary>Null for arguments that are not understood.</summary>
    public static LoadOptions? Parse(string[] args)
    {
        if (args is not ["serve" or "applies" or "reads" or "deletes" or "memory" or "saves", ..] || args.Length % 2 == 0) return null;
        var options = new LoadOptions { Command = args[0] };
        for (var at = 1; at < args.Length; at += 2)
        {
            if (args[at] == "--kind" && args[at + 1] is "configmap" or "deployment")
            {
                options = options with { Kind = args[at + 1] };
                continue;
            }

            if (args[at] == "--folder")
            {
                options = options with { Folder = args[at + 1] };
                continue;
            }

            if (!int.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return null;
            switch (args[at])
            {
                case "--clusters": options = options with { Clusters = number }; break;
                case "--objects": options = options with { Objects = number }; break;
                case "--requests": options = options with { Requests = number }; break;
                case "--controllers": options = options with { Controllers = number }; break;
                case "--in-flight": options = options with { InFlight = number }; break;
                default: return null;
            }
        }

        return options;
    }
}
