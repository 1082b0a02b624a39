using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GitOpsGrains.Storage.Redis;

/// <summary>One connection for all providers; it connects again by itself after the first time.</summary>
internal sealed class RedisConnection(IOptions<RedisSetup> setup) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _connection;

    /// <summary>What the providers want to see; the connection itself comes from here.</summary>
    public ConfigurationOptions Configuration { get; } = Parse(setup.Value.Options);

    /// <exception cref="StorageUnavailableException">No server was reached in time, or it refused us.</exception>
    public async Task<IConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            return _connection ??= await OpenAsync(setup.Value.Options.ProbeTimeout, cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection) await connection.DisposeAsync();
        _connecting.Dispose();
    }

    private async Task<ConnectionMultiplexer> OpenAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var servers = string.Join(", ", Configuration.EndPoints);
        var connecting = ConnectionMultiplexer.ConnectAsync(Configuration);
        try
        {
            return await connecting.WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            _ = connecting.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw new StorageUnavailableException($"the Redis server {servers} was not reached within {limit.TotalSeconds:0} s");
        }
        catch (RedisConnectionException failure)
        {
            throw new StorageUnavailableException(failure.FailureType == ConnectionFailureType.AuthenticationFailure
                ? $"the Redis server {servers} refuses the user or the password"
                : $"the Redis server {servers} was not reached ({failure.FailureType})");
        }
    }

    private static ConfigurationOptions Parse(RedisOptions options)
    {
        var configuration = ConfigurationOptions.Parse(options.ConnectionString!);
        // A start with a server that is not there ends; later losses are bridged.
        configuration.AbortOnConnectFail = true;
        configuration.ClientName ??= "gitopsgrains";
        return configuration;
    }
}

/// <summary>The options as the container hands them on; they are immutable themselves.</summary>
internal sealed class RedisSetup
{
    public RedisOptions Options { get; set; } = new();
}
