using StackExchange.Redis;

namespace GitOpsGrains.Storage.Redis;

/// <summary>How a Redis server or cluster is reached.</summary>
public sealed record RedisOptions
{
    /// <summary>As StackExchange.Redis reads it, for example host:6379,ssl=true,user=name,password=…; a secret. Default: none.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>How long the first connection of a start may take. Default: 15 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What is wrong, as a sentence without secrets; null when nothing is.</summary>
    public string? FindFault()
    {
        if (string.IsNullOrWhiteSpace(ConnectionString)) return "Storage:Redis: give ConnectionString or ConnectionStringFile";
        try
        {
            return ConfigurationOptions.Parse(ConnectionString).EndPoints.Count == 0 ? "Storage:Redis: the connection string names no server" : null;
        }
        catch (ArgumentException)
        {
            // The parser's own message may repeat a part of a password that has a comma.
            return "Storage:Redis: the connection string can't be read; it is host:port, then options as name=value, all separated by commas";
        }
    }
}
