using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>What is counted of webhooks.</summary>
public static class WebhookInstruments
{
    public const string MeterName = "GitOpsGrains.Gateway";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(WebhookInstruments).TypeHandle);

    /// <summary>By provider and outcome: Push, Ignored, Repeated, Refused, Malformed, TooLarge, TooSlow.</summary>
    public static Counter<long> Received { get; } = Meter.CreateCounter<long>(
        "gitopsgrains.webhooks.received", "{webhook}", "Webhooks, by provider and by what came of them; Push is news of a push that was believed.");
}
