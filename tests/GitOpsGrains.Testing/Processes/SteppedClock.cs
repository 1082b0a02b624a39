using System.Globalization;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>
/// The time of day as a process sees it, which can be stepped while it runs, as an administrator or a time server does. Timers go on
/// as they were: the monotonic clock is left alone.
/// </summary>
public sealed class SteppedClock
{
    private const string Library = "libfaketimeMT.so.1";

    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"];

    private readonly string _file = Path.Combine(TestFolder.New("clock"), "offset");

    /// <summary>Skips the test where libfaketime is not installed.</summary>
    public SteppedClock()
    {
        Set(TimeSpan.Zero);
        var library = Tools.Require(Library, Folders.Select(folder => Path.Combine(folder, Library)).FirstOrDefault(File.Exists));
        Environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library, ["FAKETIME_TIMESTAMP_FILE"] = _file, ["FAKETIME_NO_CACHE"] = "1", ["NO_FAKE_STAT"] = "1",
            // With its "fix" for waits by the monotonic clock, they end at once, and the process burns a core.
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        };
    }

    /// <summary>The process is started with these.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>From now on the clock differs from the machine's by this much.</summary>
    public void Set(TimeSpan offset)
    {
        // Replaced as a whole: the process reads it at every look at the clock.
        File.WriteAllText(_file + ".new", $"{offset.TotalSeconds.ToString("+0;-0", CultureInfo.InvariantCulture)}\n");
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
