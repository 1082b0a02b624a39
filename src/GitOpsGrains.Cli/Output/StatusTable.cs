using Spectre.Console;

namespace GitOpsGrains.Cli.Output;

/// <summary>
/// A table as kubectl prints it: no lines, headings in capitals, statuses coloured. Where the width is known only the last
/// column is cut; the others are names and must stay whole.
/// </summary>
internal sealed class StatusTable(params string[] headings)
{
    private const int Gap = 3;
    private const int LeastForLast = 10;
    private readonly List<string[]> _rows = [];

    public void Add(params ReadOnlySpan<string?> cells)
    {
        var row = new string[cells.Length];
        for (var i = 0; i < cells.Length; i++) row[i] = Terminal.Plain(string.IsNullOrEmpty(cells[i]) ? "-" : cells[i]!);
        _rows.Add(row);
    }

    /// <param name="width">Of the terminal, in characters; null when nothing is to be cut.</param>
    public Table ToTable(int? width)
    {
        var last = headings.Length - 1;
        var room = Math.Max(LeastForLast, (width ?? int.MaxValue) - Enumerable.Range(0, last).Sum(column => WidthOf(column) + Gap));
        var table = new Table { Border = TableBorder.None };
        for (var column = 0; column <= last; column++)
            table.AddColumn(new TableColumn(new Text(headings[column])) { NoWrap = true, Padding = new Padding(0, 0, column == last ? 0 : Gap, 0) });
        foreach (var row in _rows) table.AddRow(row.Select((cell, column) => Cell(column == last ? Short(cell, room) : cell)));
        return table;
    }

    /// <summary>Text with the colour of its status.</summary>
    public static Text Cell(string text) => new(Terminal.Plain(text), StyleOf(text));

    public static string Time(DateTimeOffset? time) =>
        time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) : "-";

    /// <summary>The first 10 digits of a commit.</summary>
    public static string Commit(string? id) => string.IsNullOrEmpty(id) ? "-" : id.Length > 10 ? id[..10] : id;

    /// <summary>The first line, cut.</summary>
    public static string Short(string? text, int length)
    {
        var line = (text ?? "").Split('\n')[0].Trim();
        return line.Length > length ? line[..(length - 1)] + "…" : line;
    }

    private int WidthOf(int column) => Math.Max(headings[column].Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[column].Length));

    private static Style StyleOf(string word) => word switch
    {
        "Synced" or "Healthy" or "Ready" or "Active" or "Succeeded" => new Style(Color.Green),
        "OutOfSync" or "Progressing" or "Suspended" or "Held" or "PartiallyApplied" => new Style(Color.Yellow),
        "Degraded" or "Missing" or "Failed" => new Style(Color.Red),
        _ => Style.Plain,
    };
}
