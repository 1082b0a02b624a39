using System.CommandLine;
using GitOpsGrains.Cli.Connection;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>cluster takeover NAME</c>.</summary>
internal static class ClusterCommand
{
    public static Command Build(CliContext context) => new("cluster", "Work with clusters.") { BuildTakeover(context) };

    private static Command BuildTakeover(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The cluster." };
        var command = new Command("takeover",
            "Take a cluster over after its identity changed, or from another installation of the same name (one whose data is lost). That one must not run any more.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var cluster = parsed.GetValue(name)!;
            using var client = context.Connect(parsed);
            await client.StartAsync(HttpMethod.Post, $"{ResourceKind.Parse("cluster").Route(cluster)}:takeover", null, cancellation);
            context.Terminal.Line($"cluster/{cluster} taken over");
            return ExitCodes.Done;
        });
        return command;
    }
}
