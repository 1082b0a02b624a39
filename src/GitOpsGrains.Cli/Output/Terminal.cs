using System.Text.Json;
using GitOpsGrains.Documents.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GitOpsGrains.Cli.Output;

/// <summary>
/// Standard output and error. Colours and cut lines only on a terminal; text of the server never reaches a terminal with
/// control characters.
/// </summary>
internal sealed class Terminal(CliEnvironment environment)
{
    private const int Unlimited = 1_000_000;
    private static readonly JsonSerializerOptions Indented = new(DocumentJson.Rest) { WriteIndented = true };

    private readonly bool _colors = string.IsNullOrEmpty(environment.Variable("NO_COLOR"));

    public bool OutIsTerminal => environment.OutIsTerminal;

    public void Line(string text) => environment.Out.WriteLine(Plain(text));

    /// <summary>A view or document as indented JSON.</summary>
    public void Json<T>(T data) => Raw(JsonSerializer.Serialize(data, Indented) + "\n");

    /// <summary>Text that is data: as it is.</summary>
    public void Raw(string text) => environment.Out.Write(text);

    public void Note(string text) => environment.Error.WriteLine(Plain(text));

    public void Error(string text) => Styled("error:", "red", text);

    public void ErrorDetail(string text) => environment.Error.WriteLine("  " + Plain(text));

    public void Hint(string text) => Styled("hint:", "yellow", text);

    public void Write(StatusTable table) => Write(table.ToTable(OutIsTerminal ? Console(environment.Out, terminal: true).Profile.Width : null));

    /// <summary>As wide as it must be: what does not fit is for the terminal to wrap, not to be dropped.</summary>
    public void Write(IRenderable what)
    {
        if (OutIsTerminal)
        {
            var console = Console(environment.Out, terminal: true);
            console.Profile.Width = Unlimited;
            console.Write(what);
            return;
        }

        // Piped: no colours, no blanks at line ends.
        using var text = new StringWriter { NewLine = "\n" };
        Console(text, terminal: false).Write(what);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n')) environment.Out.WriteLine(line.TrimEnd());
    }

    /// <summary>Progress goes to standard error: a moving line on a terminal, else one line for each new text.</summary>
    public async Task<T> WithProgressAsync<T>(string first, Func<Action<string>, Task<T>> work)
    {
        if (environment.ErrorIsTerminal)
            return await Console(environment.Error, terminal: true).Status().StartAsync(Markup.Escape(Plain(first)), status => work(text => status.Status(Markup.Escape(Plain(text)))));
        var last = first;
        Note(first);
        return await work(text =>
        {
            if (text == last) return;
            last = text;
            Note(text);
        });
    }

    /// <summary>One line without control characters.</summary>
    public static string Plain(string text) =>
        text.Any(char.IsControl) ? new string([.. text.Select(static letter => char.IsControl(letter) ? ' ' : letter)]) : text;

    private void Styled(string word, string color, string text)
    {
        if (environment.ErrorIsTerminal && _colors) Console(environment.Error, terminal: true).Write(new Markup($"[{color}]{word}[/] "));
        else environment.Error.Write(word + " ");
        environment.Error.WriteLine(Plain(text));
    }

    private IAnsiConsole Console(TextWriter writer, bool terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal && _colors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!terminal) console.Profile.Width = Unlimited;
        return console;
    }
}
