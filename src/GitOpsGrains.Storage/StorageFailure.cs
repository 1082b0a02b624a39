using Azure;
using Azure.Identity;
using GitOpsGrains.Abstractions;
using StackExchange.Redis;

namespace GitOpsGrains.Storage;

/// <summary>What may be told of a failure of the storage: the messages of the SDKs hold signed texts and parts of connection strings.</summary>
public static class StorageFailure
{
    public static string Describe(Exception exception) => exception switch
    {
        StorageUnavailableException or EmbeddedStorageException or StorageFailedException => exception.Message,
        RequestFailedException { Status: not 0 } refused => $"the Azure storage refuses: {refused.Status} {refused.ErrorCode}",
        RequestFailedException or AggregateException => "the Azure storage was not reached",
        AuthenticationFailedException => "no identity was found that the Azure storage could be asked with",
        RedisConnectionException failure => $"the Redis server was not reached ({failure.FailureType})",
        TimeoutException or OperationCanceledException => "the storage has not answered in time",
        _ => $"the storage failed ({exception.GetType().Name})",
    };
}
