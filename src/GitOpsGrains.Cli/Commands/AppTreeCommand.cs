using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;
using GitOpsGrains.Documents.Rest;
using Spectre.Console;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>app tree NAME</c>: targets, their objects, and what is wrong with each.</summary>
internal static class AppTreeCommand
{
    public static Command Build(CliContext context)
    {
        var name = AppCommand.NewName();
        var cluster = new Option<string?>("--cluster") { Description = "Only this cluster." };
        var command = new Command("tree", "Show targets and objects with sync, health and drift.") { name, cluster };
        command.SetAction(async (parsed, cancellation) =>
        {
            var application = ApplicationName.Parse(parsed.GetValue(name)!);
            using var client = context.Connect(parsed);
            var path = $"{Routes.Application(application)}/targets";
            var clusters = parsed.GetValue(cluster) is { } one ? [one] : (await client.GetAsync<ListView<TargetView>>(path, cancellation)).Items.Select(static target => target.Cluster).ToArray();
            var tree = new Tree(new Text($"application/{application}"));
            foreach (var each in clusters)
                AddTarget(tree, await client.GetAsync<TargetView>($"{path}/{Uri.EscapeDataString(each)}", cancellation));
            context.Terminal.Write(tree);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void AddTarget(Tree tree, TargetView target)
    {
        var node = tree.AddNode(StatusTable.Cell($"{target.Cluster}  {target.Sync}  {target.Health}  {StatusTable.Commit(target.Revision)}{Tail(target.Message)}"));
        foreach (var condition in target.Conditions) node.AddNode(StatusTable.Cell($"! {condition.Type}: {condition.Message}"));
        foreach (var item in target.Objects ?? [])
        {
            var where = item.Namespace.Length > 0 ? $"{item.Namespace}/{item.Name}" : item.Name;
            var text = $"{(item.Group.Length > 0 ? $"{item.Kind}.{item.Group}" : item.Kind)} {where}  {item.Sync}{(item.Health is null ? "" : "  " + item.Health)}{Tail(item.Message ?? item.HealthMessage)}";
            var leaf = node.AddNode(StatusTable.Cell(text));
            foreach (var drift in item.Drift) leaf.AddNode(StatusTable.Cell(TextOf(drift)));
            if (item.Repaired is { } repair)
                leaf.AddNode(StatusTable.Cell($"put back {StatusTable.Time(repair.Time)}: {(repair.Drift.Count == 0 ? "was deleted" : string.Join("; ", repair.Drift.Select(TextOf)))}"));
            foreach (var foreign in item.ForeignFields)
                leaf.AddNode(StatusTable.Cell($"{foreign.Path}: not in Git, {Who(foreign.Manager, foreign.Operation, foreign.Time)}"));
        }
    }

    private static string TextOf(DriftView drift) => $"{drift.Path}: {drift.From ?? "(absent)"} -> {drift.To ?? "(absent)"}{By(drift)}";

    private static string By(DriftView drift) => drift.Manager is null ? ""
        : $" {(drift.Likely == true ? "likely " : "")}by {Who(drift.Manager, drift.Operation, drift.Time)}";

    private static string Who(string manager, string? operation, DateTimeOffset? time) =>
        string.IsNullOrEmpty(operation) ? manager : $"{manager} ({operation}{(time is null ? "" : $", {StatusTable.Time(time)}")})";

    private static string Tail(string? message) => string.IsNullOrEmpty(message) ? "" : $"  {StatusTable.Short(message, 200)}";
}
