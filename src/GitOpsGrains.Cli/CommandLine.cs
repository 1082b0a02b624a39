using System.CommandLine;
using System.CommandLine.Invocation;
using GitOpsGrains.Cli.Commands;
using GitOpsGrains.Cli.Connection;
using GitOpsGrains.Cli.Output;

namespace GitOpsGrains.Cli;

/// <summary>The front door: arguments in, exit code out.</summary>
public static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var context = new CliContext(environment);
        var parsed = Build(context).Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            context.Terminal.Error(string.Join(" ", parsed.Errors.Select(static error => error.Message)));
            context.Terminal.Hint($"gitopsctl {PathOf(parsed)}--help");
            return ExitCodes.BadUsage;
        }

        var invocation = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = environment.HandleInterrupt ? TimeSpan.FromSeconds(2) : null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CliException failed)
        {
            context.Terminal.Error(failed.Message);
            foreach (var detail in failed.Details) context.Terminal.ErrorDetail(detail);
            if (failed.Hint is not null) context.Terminal.Hint(failed.Hint);
            return failed.ExitCode;
        }
        catch (OperationCanceledException)
        {
            context.Terminal.Error("interrupted");
            return ExitCodes.Failed;
        }
    }

    private static RootCommand Build(CliContext context) => new("gitopsctl talks to a GitOpsGrains server.")
    {
        context.Options.Server,
        context.Options.TokenFile,
        LoginCommand.Build(context),
        ApplyCommand.Build(context),
        GetCommand.Build(context),
        DeleteCommand.Build(context),
        AppCommand.Build(context),
        ClusterCommand.Build(context),
        RepoCommand.Build(context),
        WatchCommand.Build(context),
        CompletionCommand.Build(context),
    };

    private static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var at = parsed.CommandResult; at.Parent is System.CommandLine.Parsing.CommandResult parent; at = parent) names.Push(at.Command.Name);
        return string.Concat(names.Select(static name => name + " "));
    }
}

/// <summary>What every command uses.</summary>
internal sealed class CliContext(CliEnvironment environment)
{
    public CliEnvironment Environment { get; } = environment;

    public Terminal Terminal { get; } = new(environment);

    public GlobalOptions Options { get; } = new();

    public FleetClient Connect(ParseResult parsed)
    {
        var server = ServerSettings.Resolve(Environment, parsed.GetValue(Options.Server), parsed.GetValue(Options.TokenFile));
        if (server.SendsTokenInTheClear) Terminal.Note($"warning: the token is sent unencrypted to {server.Address}");
        return new FleetClient(server, Environment.Time);
    }
}

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Server { get; } = new("--server")
    {
        Description = "URL of the server. Default: GITOPSGRAINS_SERVER, the last login, http://127.0.0.1:8080.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = "File that holds the token. Default: GITOPSGRAINS_TOKEN, the last login, ./data/admin-token of a server on this machine.",
        HelpName = "FILE",
        Recursive = true,
    };
}
