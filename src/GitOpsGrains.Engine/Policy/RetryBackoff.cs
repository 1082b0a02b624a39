namespace GitOpsGrains.Engine.Policy;

/// <summary>How a failed sync of one revision is tried again.</summary>
public sealed record RetryBackoff
{
    public static RetryBackoff Default { get; } = new();

    /// <summary>Retries after the first try; below 0 without end. Default: 5.</summary>
    public int Limit { get; init; } = 5;

    /// <summary>Default: 5 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default: 2.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Default: 3 min.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The wait before the retry that follows so many retries; null: no more.</summary>
    public TimeSpan? Delay(int retries)
    {
        if (Limit >= 0 && retries >= Limit) return null;
        var seconds = Duration.TotalSeconds * Math.Pow(Math.Max(1, Factor), Math.Max(0, retries));
        return seconds < Max.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Max;
    }
}
