using System.Diagnostics;
using System.Text;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// N YAML documents of 1, 3, 30 and 300 KB, with anchors, block scalars, comments and CRLF, parsed, made canonical and hashed: pure code,
/// in this process. Beside it kubectl, which reads the same files with sigs.k8s.io/yaml and prints JSON; both must have read the same.
/// </summary>
internal static class Parsing
{
    private const string Name = "b9";
    private const int PerFile = 100;

    /// <summary>kubectl starts for each of them: it is to have something to do.</summary>
    private const int PerPeerFile = 1000;
    private const double TimesFaster = 2.5;
    private const double AllocatedTimes = 4;

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var count = Math.Max(stage.Options.Objects, PerFile);
        var files = Enumerable.Range(0, count).Chunk(PerFile).Select(part => Encoding.UTF8.GetBytes(string.Join("---\n", part.Select(DocumentOf)))).ToArray();
        var bytes = files.Sum(file => (long)file.Length);
        foreach (var file in files.Take(3)) Parse(file);

        var (cpu, began, allocated) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
        foreach (var file in files) Parse(file);
        var wall = Stopwatch.GetElapsedTime(began);
        var (own, made) = (Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
        report.Add(Name, $"{count} documents, {bytes / 1e6:0} MB", wall.TotalMilliseconds, "ms");
        var rate = bytes / 1e6 / own.TotalSeconds;
        report.Add(Name, "… for each second of own CPU", rate, "MB");
        report.Add(Name, "… bytes allocated for each that was read", (double)made / bytes, "", AllocatedTimes);
        if (stage.Options.WithPeer) await BesideAsync(report, files, rate);
    }

    private static async Task BesideAsync(Report report, byte[][] files, double ownRate)
    {
        var (kubectl, folder) = (Tools.Require("kubectl"), Directory.CreateTempSubdirectory("gog-parsing-"));
        var (bytes, before) = (0L, ProcessUsage.OfEndedChildren());
        var outputs = new List<(byte[][] Files, string Json)>();
        foreach (var part in files.Take(10 * PerPeerFile / PerFile).Chunk(PerPeerFile / PerFile))
        {
            var file = Path.Combine(folder.FullName, $"{outputs.Count}.yaml");
            var content = part.SelectMany((item, index) => index == 0 ? item : [.. "---\n"u8, .. item]).ToArray();
            await File.WriteAllBytesAsync(file, content);
            bytes += content.Length;
            outputs.Add((part, await ReadByPeerAsync(kubectl, file)));
        }
        var rate = bytes / 1e6 / (ProcessUsage.OfEndedChildren() - before).TotalSeconds;
        report.Add(Name, "kubectl, with its start, for each second of its CPU", rate, "MB");
        report.Add(Name, "kubectl's share of our documents in the same CPU time", rate / ownRate, "", 1 / TimesFaster);
        foreach (var (part, json) in outputs) Compare(part, json);
        report.Add(Name, "documents that kubectl read otherwise", 0, "", 0);
        folder.Delete(true);
    }

    /// <summary>The label is on each of them already: nothing is changed, and all is printed.</summary>
    private static async Task<string> ReadByPeerAsync(string kubectl, string file)
    {
        using var process = Process.Start(new ProcessStartInfo(kubectl, ["label", "--local", "--overwrite", "-f", file, "bench=parsing", "-o", "json"]) { RedirectStandardOutput = true })!;
        var json = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? json : throw new InvalidOperationException($"kubectl label ended with {process.ExitCode}");
    }

    private static void Compare(byte[][] files, string json)
    {
        var read = ManifestParser.Parse("peer.yaml", Encoding.UTF8.GetBytes(json.Replace("\n}\n{", "\n}\n---\n{", StringComparison.Ordinal)), Unlimited);
        var theirs = read.Objects.Select(item => (item.Id, item.Hash)).OrderBy(item => item.Id).ToArray();
        var ours = files.SelectMany(file => Parse(file)).Select(item => (item.Id, item.Hash)).OrderBy(item => item.Id).ToArray();
        if (read.Faults.Count > 0 || !theirs.SequenceEqual(ours))
            throw new InvalidOperationException($"kubectl read other documents: {string.Join("; ", read.Faults.Take(3))} {ours.Except(theirs).Select(item => item.Id.Display).FirstOrDefault()}");
    }

    private static RenderLimits Unlimited => RenderLimits.Default with { MaxFileBytes = long.MaxValue, MaxTotalBytes = long.MaxValue };

    private static IReadOnlyList<ManifestObject> Parse(byte[] file)
    {
        var read = ManifestParser.Parse("file.yaml", file, Unlimited);
        return read.Faults.Count == 0 ? read.Objects : throw new InvalidOperationException($"a document was not read: {read.Faults[0]}");
    }

    /// <summary>Of a hundred: 70 of 1 KB, 25 of 3 KB, 4 of 30 KB, one of 300 KB; each fifth with CRLF.</summary>
    private static string DocumentOf(int index)
    {
        var text = (index % PerFile) switch
        {
            < 70 => Settings(index, lines: 12),
            < 95 => Podinfo.Deployment(Podinfo.Name(index), "#color").Replace("\n  labels:\n", "\n  # Of the benchmark.\n  labels:\n    bench: parsing\n", StringComparison.Ordinal),
            < 99 => Settings(index, lines: 400),
            _ => Settings(index, lines: 4000),
        };
        return index % 5 == 0 ? text.Replace("\n", "\r\n", StringComparison.Ordinal) : text;
    }

    private static string Settings(int index, int lines)
    {
        var text = new StringBuilder($$"""
            # Settings number {{index}}.
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: settings-{{index}}
              labels: &labels {bench: parsing, app.kubernetes.io/name: settings}
              annotations: *labels
            data:
              folded: >-
                one line
                and the next,   with spaces
              quoted: "tab\t, \u00e9 and 'quotes'" # a comment
              number: "007"
              block: |

            """);
        for (var line = 0; line < lines; line++) text.Append("    key.of.line.").Append(line).Append(" = a value of some length, # and no comment ").Append(index * 31 + line).Append('\n');
        return text.ToString();
    }
}
