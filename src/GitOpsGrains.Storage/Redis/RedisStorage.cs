using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Manifests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Persistence;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using StackExchange.Redis;

namespace GitOpsGrains.Storage.Redis;

/// <summary>Grain state and manifest sets as hashes, by the official provider, under keys that begin with the service id.</summary>
internal sealed class RedisStorage : StorageBackend
{
    private readonly RedisConnection _connection;
    private readonly StorageHealth _health;
    private readonly RedisGrainStorage[] _providers;

    public RedisStorage(
        RedisConnection connection, IOptions<ClusterOptions> cluster, IOptions<SharedKeyRingOptions> keys, IGrainStorageSerializer serializer, IActivatorProvider activators,
        StorageHealth health)
    {
        (_connection, _health) = (connection, health);
        KeyDirectory = keys.Value.Directory;
        _providers =
        [
            Create("state", new BoundedSerializer(serializer), cluster, activators),
            Create("manifests", new BoundedSerializer(new ManifestRecordSerializer(serializer)), cluster, activators),
        ];
        State = new BoundedGrainStorage(_providers[0], "state", health);
        Manifests = new BoundedGrainStorage(_providers[1], "manifests", health);
    }

    internal override IGrainStorage State { get; }

    internal override IGrainStorage Manifests { get; }

    internal override string KeyDirectory { get; }

    public override StorageFault? Fault => _health.Fault;

    public override Task ProbeAsync(CancellationToken cancellationToken) => _connection.ConnectAsync(cancellationToken);

    /// <summary>The provider connects in a silo's lifecycle only; this one has its step and nothing else.</summary>
    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _connection.ConnectAsync(cancellationToken);
        var lifecycle = new OpeningLifecycle();
        foreach (var provider in _providers) provider.Participate(lifecycle);
        await lifecycle.OnStart(cancellationToken);
    }

    public override Task CloseAsync() => Task.CompletedTask;

    // The provider logs every failure with its stack; all of them reach the caller as exceptions, which says it once.
    private RedisGrainStorage Create(string store, IGrainStorageSerializer serializer, IOptions<ClusterOptions> cluster, IActivatorProvider activators)
    {
        var prefix = $"{cluster.Value.ServiceId}/{store}/";
        var options = new RedisStorageOptions
        {
            DeleteStateOnClear = true,
            GrainStorageSerializer = serializer,
            ConfigurationOptions = _connection.Configuration,
            CreateMultiplexer = async _ => (await _connection.ConnectAsync(CancellationToken.None), IsShared: true),
            GetStorageKey = (state, grain) => new RedisKey($"{prefix}{grain}/{state}"),
        };
        return new RedisGrainStorage(store, options, serializer, cluster, activators, NullLogger<RedisGrainStorage>.Instance);
    }

    private sealed class OpeningLifecycle() : LifecycleSubject(NullLogger.Instance), ISiloLifecycle
    {
        public int HighestCompletedStage => int.MinValue;

        public int LowestStoppedStage => int.MaxValue;
    }
}
