using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Storage.Azure;

/// <summary>The clients of one storage account, shared by all providers.</summary>
internal sealed class AzureClients
{
    // Older than the newest, so that the local emulator of a year ago understands it.
    private const BlobClientOptions.ServiceVersion BlobVersion = BlobClientOptions.ServiceVersion.V2024_11_04;
    private readonly AzureStorageOptions _options;

    public AzureClients(IOptions<AzureStorageSetup> setup)
    {
        _options = setup.Value.Options;
        if (_options.ConnectionString is { Length: > 0 } connection)
        {
            Blobs = new BlobServiceClient(connection, Patient(new BlobClientOptions(BlobVersion)));
            Tables = new TableServiceClient(connection, Patient(new TableClientOptions()));
            return;
        }

        var identity = new DefaultAzureCredential(new DefaultAzureCredentialOptions
        {
            ManagedIdentityClientId = _options.IdentityClientId,
            WorkloadIdentityClientId = _options.IdentityClientId,
            ExcludeVisualStudioCredential = true,
            ExcludeAzurePowerShellCredential = true,
            ExcludeAzureDeveloperCliCredential = true,
        });
        Blobs = new BlobServiceClient(_options.BlobServiceUri, identity, Patient(new BlobClientOptions(BlobVersion)));
        Tables = new TableServiceClient(_options.TableServiceUri, identity, Patient(new TableClientOptions()));
    }

    public BlobServiceClient Blobs { get; }

    public TableServiceClient Tables { get; }

    /// <summary>Makes the containers and the table if they are not there: what asks for no more rights than the work itself.</summary>
    /// <exception cref="StorageUnavailableException">The account was not reached, or refused us.</exception>
    public async Task ProbeAsync(IEnumerable<string> containers, string table, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ProbeTimeout);
        var asked = Blobs.Uri;
        try
        {
            foreach (var container in containers)
                await Blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: limit.Token);
            asked = Tables.Uri;
            await Tables.CreateTableIfNotExistsAsync(table, limit.Token);
        }
        catch (RequestFailedException refused) when (refused.Status is not 0)
        {
            // The message of a refusal holds the signed text; the code says enough.
            throw new StorageUnavailableException($"the Azure storage at {Shown(asked)} refuses: {refused.Status} {refused.ErrorCode}");
        }
        catch (AuthenticationFailedException)
        {
            throw new StorageUnavailableException($"no identity was found that the Azure storage at {Shown(asked)} could be asked with");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is RequestFailedException or OperationCanceledException or AggregateException)
        {
            throw new StorageUnavailableException(
                $"the Azure storage at {Shown(asked)} was not reached{(limit.IsCancellationRequested ? $" within {_options.ProbeTimeout.TotalSeconds:0} s" : "")}");
        }
    }

    // Without a query: a shared access signature stands there.
    private static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path);

    /// <summary>A request that hangs is given up long before a grain's call is.</summary>
    private static T Patient<T>(T options) where T : ClientOptions
    {
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        options.Diagnostics.IsLoggingContentEnabled = false;
        return options;
    }
}

/// <summary>The options as the container hands them on; they are immutable themselves.</summary>
internal sealed class AzureStorageSetup
{
    public AzureStorageOptions Options { get; set; } = new();
}
