using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace GitOpsGrains.Storage.Azure;

/// <summary>How an Azure storage account is reached: a connection string, or its addresses and the identity of this machine.</summary>
public sealed record AzureStorageOptions
{
    /// <summary>A secret. Default: none.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Of the blobs, for example https://account.blob.core.windows.net; with a managed or workload identity.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Of the tables, for example https://account.table.core.windows.net; with a managed or workload identity.</summary>
    public Uri? TableServiceUri { get; init; }

    /// <summary>Client id of a user-assigned identity. Default: the machine's own.</summary>
    public string? IdentityClientId { get; init; }

    /// <summary>How long the first request of a start may take. Default: 15 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What is wrong, as a sentence without secrets; null when nothing is.</summary>
    public string? FindFault()
    {
        var byIdentity = BlobServiceUri is not null || TableServiceUri is not null;
        if (string.IsNullOrWhiteSpace(ConnectionString) && !byIdentity)
            return "Storage:Azure: give ConnectionString, ConnectionStringFile, or BlobServiceUri and TableServiceUri";
        if (!string.IsNullOrWhiteSpace(ConnectionString))
            return byIdentity ? "Storage:Azure: give a connection string or service URIs, not both" : FindConnectionFault(ConnectionString);
        return BlobServiceUri is null || TableServiceUri is null ? "Storage:Azure: BlobServiceUri and TableServiceUri belong together"
            : BlobServiceUri.Scheme != "https" || TableServiceUri.Scheme != "https" ? "Storage:Azure: an identity's token is sent by https only"
            : null;
    }

    // The parsers' own messages may repeat parts of the text.
    private static string? FindConnectionFault(string connectionString)
    {
        try
        {
            _ = new BlobServiceClient(connectionString);
            _ = new TableServiceClient(connectionString);
            return null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            return "Storage:Azure: the connection string can't be read; it must name AccountName and AccountKey, with endpoints for blobs and tables or a suffix";
        }
    }
}
