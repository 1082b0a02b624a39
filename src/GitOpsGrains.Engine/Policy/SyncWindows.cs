using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Engine.Policy;

/// <summary>
/// Sync windows as in Argo CD: an open deny window is against every sync; where allow windows concern an application, one of
/// them must be open. A person's sync passes what is against it only if all of that says manualSync.
/// </summary>
public static class SyncWindows
{
    /// <summary>Times of change that are looked at in search of the next real one.</summary>
    private const int MaxChanges = 256;

    /// <summary>Those that concern an application on any of the clusters.</summary>
    public static IReadOnlyList<SyncWindowSpec> Concerning(
        IReadOnlyList<SyncWindowSpec> windows, string application, string destinationNamespace, IReadOnlyList<string> clusters) =>
        [.. windows.Where(window => clusters.Any(cluster => Concerns(window, application, destinationNamespace, cluster)))];

    /// <summary>One list that matches is enough, or with andOperator all that are given must; a window without lists concerns nothing.</summary>
    public static bool Concerns(SyncWindowSpec window, string application, string destinationNamespace, string cluster)
    {
        var lists = new[] { (window.Applications, application), (window.Namespaces, destinationNamespace), (window.Clusters, cluster) }
            .Where(list => list.Item1.Count > 0).Select(list => NamePattern.MatchesAny(list.Item1, list.Item2)).ToArray();
        return lists.Length > 0 && (window.AndOperator ? lists.All(matches => matches) : lists.Any(matches => matches));
    }

    public static WindowVerdict Evaluate(
        IReadOnlyList<SyncWindowSpec> windows, string application, string destinationNamespace, string cluster, DateTimeOffset now)
    {
        var gates = GatesOf(windows, application, destinationNamespace, cluster);
        if (gates.Length == 0) return WindowVerdict.Always;
        var verdict = At(gates, now);
        var (time, known) = ((DateTimeOffset?)now, verdict);
        for (var looked = 0; looked < MaxChanges; looked++)
        {
            time = gates.Min(gate => gate.NextChange(time!.Value));
            if (time is not { } at) break;
            var then = At(gates, at);
            if (known.NextChange is null && (then.Automated, then.Manual, then.Reason) != (verdict.Automated, verdict.Manual, verdict.Reason))
                known = known with { NextChange = at };
            if (!verdict.Automated && then.Automated) known = known with { OpensAt = at };
            if (known.NextChange is not null && (verdict.Automated || known.OpensAt is not null)) return known;
        }
        return known with { NextChange = known.NextChange ?? time };
    }

    /// <summary>
    /// Whether a sync that began when it might may go on although the windows are against it now: only if all of them that
    /// turned against it, the deny windows that are open and the allow windows that were, say syncOverrun.
    /// </summary>
    public static bool MayOverrun(
        IReadOnlyList<SyncWindowSpec> windows, string application, string destinationNamespace, string cluster, DateTimeOffset started, DateTimeOffset now)
    {
        var gates = GatesOf(windows, application, destinationNamespace, cluster);
        var against = gates.Where(gate => gate.IsDeny && gate.IsOpen(now)).ToList();
        var allows = gates.Where(gate => !gate.IsDeny).ToArray();
        if (!allows.Any(gate => gate.IsOpen(now)))
        {
            var were = allows.Where(gate => gate.IsOpen(started)).ToArray();
            against.AddRange(were.Length > 0 ? were : allows);
        }
        return against.All(gate => gate.Window.SyncOverrun);
    }

    private static Gate[] GatesOf(IReadOnlyList<SyncWindowSpec> windows, string application, string destinationNamespace, string cluster) =>
        [.. windows.Where(window => Concerns(window, application, destinationNamespace, cluster)).Select(Gate.Of)];

    private static WindowVerdict At(Gate[] gates, DateTimeOffset now)
    {
        var denies = gates.Where(gate => gate.IsDeny && gate.IsOpen(now)).ToArray();
        if (denies.Length > 0)
            return new WindowVerdict { Manual = denies.All(gate => gate.Window.ManualSync), Reason = denies[0].Against };
        var allows = gates.Where(gate => !gate.IsDeny).ToArray();
        if (allows.Length == 0 || allows.Any(gate => gate.IsOpen(now))) return WindowVerdict.Always;
        return new WindowVerdict
        {
            Manual = allows.All(gate => gate.Window.ManualSync),
            Reason = allows.FirstOrDefault(gate => gate.Schedule is null)?.Against ?? $"none of the allow windows is open ({string.Join("; ", allows.Take(3).Select(gate => gate.Name))})",
        };
    }

    /// <summary>A window with its schedule. One that can't be read any more (a time zone that the system lost) is against everything.</summary>
    private sealed record Gate(SyncWindowSpec Window, WindowSchedule? Schedule, string Fault)
    {
        /// <summary>Anything that is not an allow window is against syncs: a word that this version does not know as well.</summary>
        public bool IsDeny => Window.Kind != WindowKinds.Allow;

        public string Name => $"'{Window.Schedule}' for {Durations.Format(Window.Duration)}, {Window.TimeZone}{(string.IsNullOrEmpty(Window.Description) ? "" : ": " + Window.Description)}";

        public string Against => Schedule is null ? $"the {Window.Kind} window {Name} can't be told: {Fault}" : $"the deny window {Name} is open";

        public static Gate Of(SyncWindowSpec window) =>
            WindowSchedule.TryParse(window, out var schedule, out var fault) ? new Gate(window, schedule, "") : new Gate(window, null, $"{fault.Field}: {fault.Reason}");

        public bool IsOpen(DateTimeOffset now) => Schedule?.IsOpen(now) ?? IsDeny;

        public DateTimeOffset? NextChange(DateTimeOffset now) => Schedule?.NextChange(now);
    }
}
