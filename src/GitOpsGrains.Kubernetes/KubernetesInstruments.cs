using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GitOpsGrains.Engine.Clusters;

namespace GitOpsGrains.Kubernetes;

/// <summary>All metrics of this project. No cluster's name is a tag: there may be hundreds.</summary>
internal static class KubernetesInstruments
{
    public const string MeterName = "GitOpsGrains.Kubernetes";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("gitopsgrains.kubernetes.requests", "{request}", "Requests to API servers, by method and class of the answer; none: it did not come, or not in time.");
    private static readonly Counter<long> Throttled =
        Meter.CreateCounter<long>("gitopsgrains.kubernetes.throttled", "{request}", "Requests to API servers that had to wait for a turn in their cluster's budget.");

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(KubernetesInstruments).TypeHandle);

    public static void Waited() => Throttled.Add(1);

    /// <param name="error">Null: it succeeded.</param>
    public static void Answered(HttpMethod method, ClusterError? error) =>
        Requests.Add(1, new("method", method.Method), new("answer", error?.StatusCode switch
        {
            null => "2xx",
            429 => "429",
            >= 500 => "5xx",
            >= 400 => "4xx",
            >= 300 => "3xx",
            >= 200 => "2xx",
            _ => "none",
        }));
}
