using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>The same requests as ours with nothing but an HTTP client: manifests applied to the real server, 64 at a time over HTTP/2.</summary>
internal static class BareLoop
{
    private const int InFlight = 64;

    [Flags]
    public enum Steps
    {
        DryRun = 1,
        Apply = 2,
    }

    /// <param name="manifests">With the path of each object.</param>
    public static Task RunAsync(ApiServer server, IEnumerable<(string Path, string Text)> manifests, Steps steps) =>
        Parallel.ForEachAsync(manifests, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (manifest, _) =>
        {
            if (steps.HasFlag(Steps.DryRun)) await server.Client.ApplyAsync(manifest.Path, manifest.Text, "loop", dryRun: true);
            if (steps.HasFlag(Steps.Apply)) await server.Client.ApplyAsync(manifest.Path, manifest.Text, "loop");
        });

    /// <summary>A dry run of each before it is applied, or not.</summary>
    public static Steps StepsOf(bool preflight) => preflight ? Steps.DryRun | Steps.Apply : Steps.Apply;
}
