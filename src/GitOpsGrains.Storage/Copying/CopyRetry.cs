using Orleans.Storage;
using Polly;
using Polly.Retry;

namespace GitOpsGrains.Storage.Copying;

/// <summary>
/// Does a step of a copy again that the storage failed at for a moment: a copy of millions of records is not lost with one dropped
/// connection. Only for steps that may be done twice.
/// </summary>
internal sealed class CopyRetry(TimeProvider time)
{
    /// <summary>With the pauses between them about a minute: what a server takes that is replaced by another one.</summary>
    private const int Tries = 10;

    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } failure && MayPass(failure, arguments.Context.CancellationToken)),
            MaxRetryAttempts = Tries - 1,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(250),
            MaxDelay = TimeSpan.FromSeconds(15),
        })
        .Build();

    /// <exception cref="StorageCopyException">It failed at every try, or at one in a way that will not pass.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await _pipeline.ExecuteAsync(async token => await step(token), cancellationToken);
        }
        catch (Exception failure) when (MayPass(failure, cancellationToken))
        {
            throw new StorageCopyException($"{StorageFailure.Describe(failure)}, {Tries} times in a row; run the same command again");
        }
        catch (Exception failure) when (failure is not (StorageCopyException or EmbeddedStorageException) && !cancellationToken.IsCancellationRequested)
        {
            throw new StorageCopyException(StorageFailure.Describe(failure));
        }
    }

    // A write whose answer was lost has changed the etag.
    private static bool MayPass(Exception failure, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && (failure is InconsistentStateException || StorageFailure.MayPass(failure));
}
