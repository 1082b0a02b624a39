using System.Globalization;
using System.Security;
using System.Text;

namespace GitOpsGrains.Benchmarks.Results;

/// <summary>Results as SVG: for each measure in milliseconds its samples in order of size, with the goal as a line; the scale is logarithmic.</summary>
internal static class Plot
{
    private const int Width = 900;
    private const int RowHeight = 34;
    private const int Left = 430;
    private const int Right = 20;
    private const double Smallest = 0.01;

    public static string Of(IReadOnlyList<Result> results)
    {
        var rows = results.Where(result => result is { Unit: "ms", Value: > 0 }).ToArray();
        var largest = rows.SelectMany(row => row.Samples.Append(row.Value)).DefaultIfEmpty(1).Max();
        var decades = Math.Max(1, (int)Math.Ceiling(Math.Log10(largest / Smallest)));
        var height = (rows.Length * RowHeight) + 40;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"white\"/>");
        for (var decade = 0; decade <= decades; decade++)
        {
            var value = Smallest * Math.Pow(10, decade);
            Line(svg, $"<line x1=\"{At(value):0.#}\" y1=\"20\" x2=\"{At(value):0.#}\" y2=\"{height - 10}\" stroke=\"#ddd\"/><text x=\"{At(value):0.#}\" y=\"14\" text-anchor=\"middle\" fill=\"#666\">{value:0.##} ms</text>");
        }
        for (var index = 0; index < rows.Length; index++) Row(svg, rows[index], 30 + (index * RowHeight));
        return svg.Append("</svg>\n").ToString();

        double At(double value) => Left + ((Width - Left - Right) * Math.Log10(Math.Max(value, Smallest) / Smallest) / decades);

        void Row(StringBuilder text, Result row, int top)
        {
            var label = $"{row.Benchmark}{(row.Size is { } size ? $" [{size}]" : "")} {row.Measure}";
            Line(text, $"<text x=\"{Left - 8}\" y=\"{top + 16}\" text-anchor=\"end\">{SecurityElement.Escape(label.Length > 75 ? label[..74] + "…" : label)}</text>");
            foreach (var sample in row.Samples) Line(text, $"<circle cx=\"{At(sample):0.#}\" cy=\"{top + 12}\" r=\"2\" fill=\"#7aa6d8\" fill-opacity=\"0.5\"/>");
            Line(text, $"<circle cx=\"{At(row.Value):0.#}\" cy=\"{top + 12}\" r=\"4\" fill=\"{(row.IsMet ? "#1f5fa8" : "#c0392b")}\"/><text x=\"{At(row.Value) + 7:0.#}\" y=\"{top + 10}\" fill=\"#333\">{row.Value:0.##}</text>");
            if (row.Goal is { } goal) Line(text, $"<line x1=\"{At(goal):0.#}\" y1=\"{top}\" x2=\"{At(goal):0.#}\" y2=\"{top + 24}\" stroke=\"#2e8b57\" stroke-width=\"2\"/>");
        }
    }

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
