using System.Globalization;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>CPU time and memory of running processes, as /proc says.</summary>
internal sealed class ProcessUsage
{
    private const double TicksPerSecond = 100;

    private readonly IReadOnlyList<int> _processes;

    private ProcessUsage(IReadOnlyList<int> processes) => _processes = processes;

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu => TimeSpan.FromSeconds(_processes.Sum(CpuTicks) / TicksPerSecond);

    /// <summary>The most memory that was ever resident, in MB.</summary>
    public double PeakMegabytes => _processes.Sum(process => Kilobytes(process, "VmHWM:")) / 1024.0;

    /// <summary>The memory that is resident now, in MB.</summary>
    public double Megabytes => _processes.Sum(process => Kilobytes(process, "VmRSS:")) / 1024.0;

    /// <summary>The running processes with any of these arguments, but not this one.</summary>
    public static ProcessUsage Of(params string[] arguments) => new(
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId)
            .Where(name => Arguments(name!).Any(arguments.Contains)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))]);

    /// <summary>Processor time of all ended children: cutime and cstime of proc(5).</summary>
    public static TimeSpan OfEndedChildren()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    private static string[] Arguments(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            // It ended while we looked.
            return [];
        }
    }

    private static double CpuTicks(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static long Kilobytes(int process, string field) =>
        long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
