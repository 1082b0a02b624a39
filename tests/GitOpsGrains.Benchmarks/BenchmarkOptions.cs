using System.Globalization;

namespace GitOpsGrains.Benchmarks;

/// <summary>What to run and how much of it.</summary>
internal sealed record BenchmarkOptions
{
    private const int QuickRounds = 2;

    public const string Usage = """
        usage: GitOpsGrains.Benchmarks NAME|all [--objects N] [--applications N] [--clusters N] [--each N] [--rounds N] [--sizes N,N,N] [--quick] [--no-peer] [--out DIR]
          plan  10,000 objects planned, nothing changed and all new
          preflight  N Deployments dry-run by a sync, beside a bare loop of dry runs
          render  N applications rendered from plain YAML, beside kubectl kustomize for each
          impact  N applications that a commit does not concern, with one source and with several
          polls  N repositories polled while nothing happens, beside git ls-remote
          shallow  a repository with 5000 commits fetched whole and shallow
          b1    N Deployments applied cold, beside kubectl apply --server-side
          b2    the same N checked while nothing has changed, beside kubectl diff --server-side
          b3    one Deployment of N changed in Git, push to live, beside kubectl apply --server-side
          b4    objects changed and deleted in the cluster, violation to restored, beside a loop of kubectl diff and apply
          b5    N applications of four objects each, push to all synced, beside a bare loop of the same applies
          b7    N applications and a tenth of them in one repository, one touched (simulated clusters)
          b9    N documents of 1 to 300 KB parsed and hashed, beside kubectl, which does it with sigs.k8s.io/yaml
          b10   N applications, one commit changes all, beside a bare loop of the same patches (simulated clusters)
          b11   N applications (of --each objects) idle, then the silo killed and started, and with all its state lost, beside a bare LIST (simulated clusters)
          b12   N applications on three silos: cost beside one silo, clusters that answer nothing, a silo killed (simulated clusters)
        --sizes measures each of these numbers of objects and applications, and how the times grow with them
        --quick measures little of all: a look, no result
        """;

    public required string Benchmark { get; init; }

    /// <summary>Deployments of b1 to b4, documents of b9. Default: 1000.</summary>
    public int Objects { get; init; } = 1000;

    /// <summary>Applications of b5, b7, b10, b11, b12, "render" and "impact", repositories of "polls". Default: 100.</summary>
    public int Applications { get; init; } = 100;

    /// <summary>Simulated clusters of b7, b10, b11 and b12. Default: 100.</summary>
    public int Clusters { get; init; } = 100;

    /// <summary>Objects of each application of b11. Default: 1.</summary>
    public int Each { get; init; } = 1;

    /// <summary>Replaces each benchmark's own number of rounds.</summary>
    public int? Rounds { get; init; }

    /// <summary>Numbers of objects and applications that are measured one after the other; empty: one size.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [];

    /// <summary>Little of everything.</summary>
    public bool Quick { get; init; }

    /// <summary>Runs kubectl beside ours. Default: true.</summary>
    public bool WithPeer { get; init; } = true;

    public string OutputFolder { get; init; } = Path.Combine("artifacts", "bench");

    /// <summary>Null for arguments that are not understood.</summary>
    public static BenchmarkOptions? Parse(string[] args)
    {
        if (args.Length == 0 || !BenchmarkList.Names.Append("all").Contains(args[0])) return null;
        var options = new BenchmarkOptions { Benchmark = args[0] };
        for (var i = 1; i < args.Length; i++)
        {
            if (args[i] == "--no-peer") options = options with { WithPeer = false };
            else if (args[i] == "--quick") options = options with { Quick = true, Objects = 200, Applications = 50, Clusters = 10, Rounds = QuickRounds };
            else if (i + 1 >= args.Length) return null;
            else if (args[i] == "--out") options = options with { OutputFolder = args[++i] };
            else if (args[i] == "--sizes")
            {
                var sizes = args[++i].Split(',').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0).ToArray();
                if (sizes.Contains(0)) return null;
                options = options with { Sizes = sizes };
            }
            else if (!int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return null;
            else if (args[i] == "--objects") (options, i) = (options with { Objects = number }, i + 1);
            else if (args[i] is "--applications" or "--apps") (options, i) = (options with { Applications = number }, i + 1);
            else if (args[i] == "--clusters") (options, i) = (options with { Clusters = number }, i + 1);
            else if (args[i] == "--each") (options, i) = (options with { Each = number }, i + 1);
            else if (args[i] == "--rounds") (options, i) = (options with { Rounds = number }, i + 1);
            else return null;
        }

        return options;
    }
}
