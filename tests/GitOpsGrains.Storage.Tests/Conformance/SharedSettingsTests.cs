using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Storage.Azure;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Redis;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>Storages that can't be used: a sentence soon, and no secret in it.</summary>
public sealed class SharedSettingsTests
{
    private const string Secret = "c2VjcmV0c2VjcmV0c2VjcmV0";
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(null)]
    [InlineData("AccountName=x;AccountKey=" + Secret + "!!")]
    [InlineData(Secret)]
    [InlineData("DefaultEndpointsProtocol=https;AccountKey=" + Secret)]
    public void AzureConnection_Unusable_IsToldWithoutSecrets(string? connection)
    {
        var fault = new AzureStorageOptions { ConnectionString = connection }.FindFault();
        Assert.StartsWith("Storage:Azure: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void AzureAddresses_OneOrPlainOrWithAConnection_AreToldApart()
    {
        Uri blobs = new("https://account.blob.core.windows.net"), tables = new("https://account.table.core.windows.net");
        Assert.Contains("belong together", new AzureStorageOptions { BlobServiceUri = blobs }.FindFault(), StringComparison.Ordinal);
        Assert.Contains("https only", new AzureStorageOptions { BlobServiceUri = new("http://account.blob.core.windows.net"), TableServiceUri = tables }.FindFault(), StringComparison.Ordinal);
        Assert.Contains("not both", new AzureStorageOptions { BlobServiceUri = blobs, TableServiceUri = tables, ConnectionString = "UseDevelopmentStorage=true" }.FindFault(), StringComparison.Ordinal);
        Assert.Null(new AzureStorageOptions { BlobServiceUri = blobs, TableServiceUri = tables }.FindFault());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("password=" + Secret)]
    [InlineData("host:6379,password=pass," + Secret + "=x")]
    public void RedisConnection_Unusable_IsToldWithoutSecrets(string? connection)
    {
        var fault = new RedisOptions { ConnectionString = connection }.FindFault();
        Assert.StartsWith("Storage:Redis: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageKind.AzureStorage)]
    [InlineData(StorageKind.Redis)]
    public async Task KeyDirectory_AbsentOrNotThere_IsTold(StorageKind kind)
    {
        var choice = await ChooseAsync(kind);
        Assert.Contains("Storage:KeyDirectory is required", (choice with { KeyDirectory = null }).FindFault(), StringComparison.Ordinal);
        Assert.Contains("there is no directory", (choice with { KeyDirectory = Path.Combine(choice.KeyDirectory!, "not-mounted") }).FindFault(), StringComparison.Ordinal);
        Assert.Null(choice.FindFault());
    }

    [Fact]
    public async Task Azure_WithAnotherKey_IsRefusedWithoutShowingIt()
    {
        var key = Convert.ToBase64String(new byte[64]);
        var error = await FailsAsync(new StorageChoice { Kind = StorageKind.AzureStorage, Azure = new AzureStorageOptions { ConnectionString = (await Azurite.SharedAsync()).ConnectionWith(key) } });
        Assert.Contains("refuses: 403", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_WithAnotherPassword_IsRefusedWithoutShowingIt()
    {
        var server = await RedisServer.SharedAsync();
        var error = await FailsAsync(new StorageChoice { Kind = StorageKind.Redis, Redis = new RedisOptions { ConnectionString = $"127.0.0.1:{server.Port},password={Secret}" } });
        Assert.Contains("refuses the user or the password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageKind.AzureStorage, false)]
    [InlineData(StorageKind.AzureStorage, true)]
    [InlineData(StorageKind.Redis, false)]
    [InlineData(StorageKind.Redis, true)]
    public async Task Server_AbsentOrSilent_IsToldInBoundedTime(StorageKind kind, bool silent)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        if (silent) listener.Start();
        var port = silent ? ((IPEndPoint)listener.LocalEndpoint).Port : FreePort.Next();
        var account = $"http://127.0.0.1:{port}/account";
        var choice = new StorageChoice
        {
            Kind = kind,
            Azure = new AzureStorageOptions { ProbeTimeout = Short, ConnectionString = $"AccountName=account;AccountKey={Secret};BlobEndpoint={account};TableEndpoint={account}" },
            Redis = new RedisOptions { ProbeTimeout = Short, ConnectionString = $"127.0.0.1:{port},password={Secret}" },
        };
        var began = Stopwatch.GetTimestamp();
        var error = await FailsAsync(choice);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Contains("was not reached", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageKind.AzureStorage)]
    [InlineData(StorageKind.Redis)]
    public async Task Start_WithAnotherKeyRing_IsRefused(StorageKind kind)
    {
        var (choice, service) = (await ChooseAsync(kind), SharedStorage.NewServiceId());
        await VerifyAsync(choice, service);
        await VerifyAsync(choice, service);
        var error = await Assert.ThrowsAsync<StorageSettingsException>(() => VerifyAsync(choice with { KeyDirectory = TestFolder.New("other-keys") }, service));
        Assert.Contains("are not those that the storage was made with", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OfManyAtOnceOnAnEmptyKeyDirectory_AgreesOnOneKey()
    {
        var (choice, service) = (await SharedStorage.RedisAsync(), SharedStorage.NewServiceId());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => VerifyAsync(choice, service))));
        Assert.Equal(["first-key.xml"], Directory.GetFiles(choice.KeyDirectory!).Select(Path.GetFileName));
    }

    private static Task<StorageChoice> ChooseAsync(StorageKind kind) => kind == StorageKind.Redis ? SharedStorage.RedisAsync() : SharedStorage.AzureAsync();

    private static Task<StorageUnavailableException> FailsAsync(StorageChoice choice) =>
        Assert.ThrowsAsync<StorageUnavailableException>(() => SharedStorage.OpenAsync(choice with { KeyDirectory = TestFolder.New("keys") }));

    /// <summary>What a silo does with the storage first.</summary>
    private static async Task VerifyAsync(StorageChoice choice, string service)
    {
        await using var storage = await SharedStorage.OpenAsync(choice, service);
        var lifecycle = new StartOnly();
        new SharedKeyRing(storage.Manifests, Microsoft.Extensions.Options.Options.Create(new SharedKeyRingOptions { Directory = choice.KeyDirectory! })).Participate(lifecycle);
        await lifecycle.OnStart(TestContext.Current.CancellationToken);
    }
}
