using Azure.Storage.Blobs;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Manifests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Azure;

/// <summary>
/// Grain state and manifest sets as blobs, by the official provider, in two containers whose names begin with the service id:
/// the provider's blob names do not have it.
/// </summary>
internal sealed class AzureStorage : StorageBackend
{
    public const string ReminderTable = "OrleansReminders";
    private readonly AzureClients _clients;
    private readonly StorageHealth _health;
    private readonly string[] _containers;

    public AzureStorage(
        AzureClients clients, IOptions<ClusterOptions> cluster, IOptions<SharedKeyRingOptions> keys, IGrainStorageSerializer serializer, IActivatorProvider activators,
        StorageHealth health)
    {
        (_clients, _health) = (clients, health);
        KeyDirectory = keys.Value.Directory;
        var service = AzureNames.ContainerPrefix(cluster.Value.ServiceId);
        _containers = [$"{service}-state", $"{service}-manifests"];
        State = Open("state", _containers[0], serializer, activators);
        Manifests = Open("manifests", _containers[1], new ManifestRecordSerializer(serializer), activators);
    }

    internal override IGrainStorage State { get; }

    internal override IGrainStorage Manifests { get; }

    internal override string KeyDirectory { get; }

    public override StorageFault? Fault => _health.Fault;

    public override Task ProbeAsync(CancellationToken cancellationToken) => _clients.ProbeAsync(_containers, ReminderTable, cancellationToken);

    public override Task OpenAsync(CancellationToken cancellationToken) => ProbeAsync(cancellationToken);

    public override Task CloseAsync() => Task.CompletedTask;

    // The provider logs every conflict as an error with its stack; all of them reach the caller as exceptions, which says it once.
    private BoundedGrainStorage Open(string store, string container, IGrainStorageSerializer serializer, IActivatorProvider activators) => new(
        new AzureBlobGrainStorage(
            store,
            new AzureBlobStorageOptions { BlobServiceClient = _clients.Blobs, ContainerName = container, GrainStorageSerializer = new BoundedSerializer(serializer) },
            new Container(_clients.Blobs.GetBlobContainerClient(container)),
            activators,
            NullLogger<AzureBlobGrainStorage>.Instance),
        store, _health);

    private sealed class Container(BlobContainerClient client) : IBlobContainerFactory
    {
        public BlobContainerClient GetBlobContainerClient(GrainId grainId) => client;

        public Task InitializeAsync(BlobServiceClient service) => Task.CompletedTask;
    }
}
