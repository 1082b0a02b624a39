using GitOpsGrains.Cli.Output;
using Spectre.Console;

namespace GitOpsGrains.Cli.Tests;

public sealed class StatusTableTests
{
    [Theory]
    [InlineData(null, "a-long-name   a message that is long\n")]
    [InlineData(30, "a-long-name   a message that …\n")]
    [InlineData(5, "a-long-name   a message…\n")]
    public void ToTable_Width_CutsOnlyTheLastColumn(int? width, string expected)
    {
        var table = new StatusTable("NAME", "MESSAGE");
        table.Add("a-long-name", "a message that is long");
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 1000;
        console.Write(table.ToTable(width));
        Assert.Equal(expected, text.ToString().Split('\n')[1].TrimEnd() + "\n");
    }
}
