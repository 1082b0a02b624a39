using Microsoft.Extensions.Options;

namespace GitOpsGrains.Kubernetes.Hosting;

/// <summary>Refuses, at start, options that could not work; all faults at once.</summary>
internal sealed class KubernetesOptionsValidator : IValidateOptions<KubernetesOptions>
{
    public ValidateOptionsResult Validate(string? name, KubernetesOptions options)
    {
        List<string> faults = [];
        (string Name, TimeSpan Value)[] spans =
        [
            (nameof(options.ConnectTimeout), options.ConnectTimeout), (nameof(options.HeadersTimeout), options.HeadersTimeout),
            (nameof(options.BodyTimeout), options.BodyTimeout), (nameof(options.PingDelay), options.PingDelay),
            (nameof(options.PingTimeout), options.PingTimeout), (nameof(options.WatchSilence), options.WatchSilence),
            (nameof(options.BreakerWindow), options.BreakerWindow), (nameof(options.BreakerOpenFor), options.BreakerOpenFor),
            (nameof(options.WriteGrace), options.WriteGrace), (nameof(options.BreakerLongestOpen), options.BreakerLongestOpen), (nameof(options.ExecTimeout), options.ExecTimeout),
        ];
        faults.AddRange(spans.Where(span => span.Value <= TimeSpan.Zero || span.Value > TimeSpan.FromHours(1))
            .Select(span => $"{span.Name} must be above zero and at most an hour"));
        if (options.MaxConcurrency < options.InitialConcurrency) faults.Add("MaxConcurrency must not be below InitialConcurrency");
        if (options.BreakerLongestOpen < options.BreakerOpenFor) faults.Add("BreakerLongestOpen must not be below BreakerOpenFor");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
