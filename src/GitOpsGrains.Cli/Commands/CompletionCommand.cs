using System.CommandLine;

namespace GitOpsGrains.Cli.Commands;

/// <summary><c>completion SHELL</c>: a script for the shell, which asks gitopsctl itself what may come next.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _gitopsctl() {
            local IFS=$'\n'
            COMPREPLY=($(gitopsctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
        }
        complete -o default -F _gitopsctl gitopsctl
        """;

    private const string Zsh = """
        #compdef gitopsctl
        _gitopsctl() {
            local -a found
            found=("${(@f)$(gitopsctl "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
        }
        compdef _gitopsctl gitopsctl
        """;

    private const string Fish = """
        complete -c gitopsctl -f -a '(set -l line (commandline -cp); gitopsctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName gitopsctl -ScriptBlock {
            param($word, $line, $position)
            gitopsctl "[suggest:$position]" "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static Command Build(CliContext context)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Print a completion script: source <(gitopsctl completion bash)") { shell };
        command.SetAction(parsed =>
        {
            context.Terminal.Raw((parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell }) + "\n");
            return ExitCodes.Done;
        });
        return command;
    }
}
