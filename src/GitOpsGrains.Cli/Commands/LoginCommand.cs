using System.CommandLine;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>login [URL]</c>: tries a token and keeps it for the commands after it.</summary>
internal static class LoginCommand
{
    public static Command Build(CliContext context)
    {
        var url = new Argument<string?>("URL") { Description = "URL of the server.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("login", "Sign in: try a token and keep it for later commands. Without --token-file the token is read from standard input.") { url };
        command.SetAction(async (parsed, cancellation) =>
        {
            var environment = context.Environment;
            var named = parsed.GetValue(url) ?? parsed.GetValue(context.Options.Server) ?? environment.Variable("GITOPSGRAINS_SERVER") ?? ServerSettings.DefaultAddress;
            var server = new ServerSettings(ServerSettings.ParseAddress(named), ReadToken(context, parsed.GetValue(context.Options.TokenFile)));
            if (server.SendsTokenInTheClear) context.Terminal.Note($"warning: the token is sent unencrypted to {server.Address}");
            using var client = new FleetClient(server, environment.Time);
            await client.GetAsync<ListView<ProjectView>>(Routes.With(Routes.List("projects"), ("limit", "1")), cancellation);
            new LoginFile { Server = server.Address.ToString().TrimEnd('/'), Token = server.Token! }.Write(environment);
            context.Terminal.Line($"signed in to {server.Address}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string ReadToken(CliContext context, string? file)
    {
        var environment = context.Environment;
        if (file is not null) return ServerSettings.ReadToken(environment.FullPath(file));
        if (environment.Variable("GITOPSGRAINS_TOKEN") is { Length: > 0 } given) return given.Trim();
        if (environment.InputIsTerminal) context.Terminal.Note("token: (paste it and press Enter)");
        using var reader = new StreamReader(environment.OpenInput());
        return reader.ReadLine()?.Trim() is { Length: > 0 } typed ? typed : throw CliException.Usage("no token was given");
    }
}
