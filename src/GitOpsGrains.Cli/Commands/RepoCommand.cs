using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>repo add NAME URL</c>: stores the credentials, bound to the URL, and the Repository that refers to them. One that exists keeps all else.</summary>
internal static class RepoCommand
{
    public static Command Build(CliContext context) => new("repo", "Work with repositories.") { BuildAdd(context) };

    private static Command BuildAdd(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "Of the Repository, and of the stored credential if there is one." };
        var url = new Argument<string>("URL") { Description = "https://…, ssh://… or user@host:path." };
        var options = new RepoOptions();
        var command = new Command("add", "Store a repository's credentials, bound to its URL, and its document. Of a Repository that exists, only URL, credentials and caFrom are changed.") { name, url };
        foreach (var option in options.All) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (repository, address) = (parsed.GetValue(name)!, parsed.GetValue(url)!);
            var path = Routes.One("credentials", Documents.Validation.NameRules.IsKey(repository) ? repository : throw CliException.Usage("not a name of a repository"));
            if (!GitUrl.TryParse(address, out var checkedUrl, out var fault)) throw CliException.Usage($"URL: {fault}");
            var given = await options.ReadAsync(context.Environment, parsed, address, checkedUrl, cancellation);
            using var client = context.Connect(parsed);
            var document = given.ToDocument(repository, address, await client.FindAsync<RepositoryView>(Routes.One("repositories", repository), cancellation));
            if (given.HasValues) await RefuseLossAsync(client, path, repository, given, cancellation);
            // Asked first: a document that is refused leaves no credential behind.
            await client.PostAsync<ApplyResponse>(Routes.With(Routes.Apply, ("dryRun", "true")), FleetClient.JsonBody(document), cancellation);
            if (given.HasValues)
            {
                await client.StartAsync(HttpMethod.Put, path, given.Values, cancellation);
                context.Terminal.Line($"credential/{repository} stored, for {address} only");
            }
            var response = await client.PostAsync<ApplyResponse>(Routes.Apply, FleetClient.JsonBody(document), cancellation);
            foreach (var result in response.Results) context.Terminal.Line($"repository/{result.Name} {result.Result.ToString().ToLowerInvariant()}");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>A credential is stored as a whole, and its values can't be read to be sent again.</summary>
    private static async Task RefuseLossAsync(FleetClient client, string path, string name, RepoCredentials given, CancellationToken cancellationToken)
    {
        if (await client.FindAsync<CredentialView>(path, cancellationToken) is not { } stored || given.LostOf(stored) is not { Count: > 0 } lost) return;
        throw new CliException(
            $"the stored credential {name} has values that would be lost: {string.Join(", ", lost)}",
            hint: $"PUT /{path} takes all values at once; DELETE /{path} before, if the others are not needed");
    }
}
