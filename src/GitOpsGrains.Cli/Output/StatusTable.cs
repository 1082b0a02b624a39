using Spectre.Console;

namespace GitOpsGrains.Cli.Output;

/// <summary>A table as kubectl prints it: no lines, headings in capitals, statuses coloured.</summary>
internal static class StatusTable
{
    public static Table Create(params ReadOnlySpan<string> headings)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var heading in headings) table.AddColumn(new TableColumn(new Text(heading)) { NoWrap = true, Padding = new Padding(0, 0, 3, 0) });
        return table;
    }

    public static Table Row(this Table table, params ReadOnlySpan<string?> cells)
    {
        var row = new List<Text>();
        foreach (var cell in cells) row.Add(Cell(cell));
        return table.AddRow(row);
    }

    public static Text Cell(string? text) => new(Terminal.Plain(string.IsNullOrEmpty(text) ? "-" : text), StyleOf(text));

    public static string Time(DateTimeOffset? time) =>
        time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) : "-";

    /// <summary>The first 10 digits of a commit, as git shows them.</summary>
    public static string Commit(string? id) => string.IsNullOrEmpty(id) ? "-" : id.Length > 10 ? id[..10] : id;

    /// <summary>The first line, cut.</summary>
    public static string Short(string? text, int length)
    {
        var line = (text ?? "").Split('\n')[0].Trim();
        return line.Length > length ? line[..(length - 1)] + "…" : line;
    }

    private static Style StyleOf(string? word) => word switch
    {
        "Synced" or "Healthy" or "Ready" or "Succeeded" => new Style(Color.Green),
        "OutOfSync" or "Progressing" or "Suspended" or "Held" or "PartiallyApplied" => new Style(Color.Yellow),
        "Degraded" or "Missing" or "Failed" => new Style(Color.Red),
        _ => Style.Plain,
    };
}
