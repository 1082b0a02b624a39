using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Demo.Playing;

/// <summary>Looks on while the applications come up, and says what is reached.</summary>
internal sealed class Opening(FleetServer server, DemoScreen screen, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, (string Sync, string Health)> _said = [];

    /// <summary>Until all applications are where they stay; those that are not there after a minute are named.</summary>
    /// <param name="isDone">What must be so of each besides.</param>
    public async Task WatchAsync(Predicate<ApplicationView> isDone, CancellationToken cancellationToken)
    {
        var (began, late) = (time.GetTimestamp(), "");
        while (time.GetElapsedTime(began) < Patience)
        {
            var views = await server.ApplicationsAsync(cancellationToken);
            foreach (var view in views.Where(IsSettled)) Say(view);
            var missing = views.Where(view => !IsSettled(view) || !isDone(view)).Select(NameOf).ToArray();
            if (missing.Length == 0) return;
            late = string.Join(", ", missing);
            await Task.Delay(Look, time, cancellationToken);
        }

        screen.Reached($"not as it should be after {Patience.TotalSeconds:0} s: {late}");
    }

    public static string NameOf(ApplicationView view) => $"{view.Spec.Project}/{view.Metadata.Name}";

    private void Say(ApplicationView view)
    {
        var now = (view.Status.Sync, view.Status.Health);
        if (_said.GetValueOrDefault(NameOf(view)) == now) return;
        _said[NameOf(view)] = now;
        screen.Reached(view);
    }

    /// <summary>Every target is healthy, has failed, or is where it will stay.</summary>
    private static bool IsSettled(ApplicationView view)
    {
        var status = view.Status;
        if (status.Targets.Total == 0 || status.Sync == "Unknown" || status.Health == "Unknown") return false;
        return NameOf(view) switch
        {
            "shop/search" => status.Sync == "Synced" && status.Targets.Health.GetValueOrDefault("Healthy") == status.Targets.Total - 1,
            "shop/payments" => status.Health == "Degraded" && status.Conditions.Count > 0,
            _ => status is { Sync: "Synced", Health: "Healthy" },
        };
    }
}
