using Azure;
using Azure.Identity;
using GitOpsGrains.Abstractions;
using Orleans.Persistence.Redis;
using StackExchange.Redis;

namespace GitOpsGrains.Storage;

/// <summary>What may be told of a failure of the storage: the messages of the SDKs hold signed texts and parts of connection strings.</summary>
public static class StorageFailure
{
    private static readonly string[] PassingReplies = ["LOADING", "READONLY", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN"];

    public static string Describe(Exception exception) => exception switch
    {
        StorageUnavailableException or EmbeddedStorageException or StorageFailedException => exception.Message,
        RequestFailedException { Status: not 0 } refused => $"the Azure storage refuses: {refused.Status} {refused.ErrorCode}",
        RequestFailedException or AggregateException => "the Azure storage was not reached",
        AuthenticationFailedException => "no identity was found that the Azure storage could be asked with",
        RedisConnectionException failure => $"the Redis server was not reached ({failure.FailureType})",
        // Keeps of its cause the text alone.
        RedisStorageException => "the Redis server was not reached, or refused",
        TimeoutException or OperationCanceledException => "the storage has not answered in time",
        // The providers wrap what their clients throw.
        { InnerException: { } cause } => Describe(cause),
        _ => $"the storage failed ({exception.GetType().Name})",
    };

    /// <summary>
    /// Whether the same call may succeed a moment later: a server that was not reached, did not answer in time, or said that it can't
    /// now (408, 429, 5xx; a Redis server that loads or is replaced). Not: refused, a full disk, a record that is too large.
    /// </summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        EmbeddedStorageException or StorageUnavailableException or GrainStateTooLargeException or AuthenticationFailedException => false,
        RequestFailedException failure => failure.Status is 0 or 408 or 429 or >= 500,
        RedisConnectionException failure => failure.FailureType != ConnectionFailureType.AuthenticationFailure,
        RedisServerException failure => PassingReplies.Any(reply => failure.Message.StartsWith(reply, StringComparison.Ordinal)),
        // Of RedisStorageException nobody knows what is behind it.
        RedisException or RedisStorageException or TimeoutException or OperationCanceledException => true,
        AggregateException failures => failures.InnerExceptions.Any(MayPass),
        { InnerException: { } cause } => MayPass(cause),
        _ => false,
    };
}
