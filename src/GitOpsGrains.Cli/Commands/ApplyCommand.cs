using System.CommandLine;
using System.Net.Http.Headers;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>apply -f FILE|-|DIR</c>: all documents in one stream, checked together before anything is stored.</summary>
internal static class ApplyCommand
{
    public static Command Build(CliContext context)
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "File, directory (its *.yaml, *.yml and *.json) or - for standard input; may be repeated.", Required = true, HelpName = "FILE|-|DIR" };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Directories with all below them." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check and say what would change; store nothing." };
        var command = new Command("apply", "Store documents: repositories, clusters, projects, applications.") { files, recursive, dryRun };
        command.SetAction(async (parsed, cancellation) =>
        {
            var bundle = await DocumentBundle.ReadAsync(context.Environment, parsed.GetValue(files)!, parsed.GetValue(recursive), cancellation);
            using var client = context.Connect(parsed);
            var content = new ByteArrayContent(bundle.Bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/yaml");
            var path = Routes.With(Routes.Apply, ("dryRun", parsed.GetValue(dryRun) ? "true" : null));
            try
            {
                Print(context, await client.PostAsync<ApplyResponse>(path, content, cancellation));
            }
            catch (CliException refused) when (refused.Data[nameof(ProblemView)] is ProblemView { Faults: { Count: > 0 } faults })
            {
                throw new CliException($"nothing was applied: {refused.Message}", inner: refused)
                {
                    Status = refused.Status,
                    Details = [.. faults.Select(bundle.Describe)],
                };
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(CliContext context, ApplyResponse response)
    {
        foreach (var result in response.Results)
            context.Terminal.Line($"{result.Kind.ToLowerInvariant()}/{result.Name} {result.Result.ToString().ToLowerInvariant()}{(response.DryRun ? " (dry run)" : "")}");
    }
}
