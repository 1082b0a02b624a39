using Orleans.Runtime;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>Fails calls of one method, as they fail while the grain is looked for on a silo that has died.</summary>
internal sealed class FailedCalls(Type grain, string method) : IIncomingGrainCallFilter
{
    private int _toFail, _failed, _arrived;

    /// <summary>Since the start, or <see cref="FailNext"/>.</summary>
    public (int Failed, int Arrived) Seen => (Volatile.Read(ref _failed), Volatile.Read(ref _arrived));

    public FailedCalls FailNext()
    {
        Volatile.Write(ref _failed, 0);
        Volatile.Write(ref _arrived, 0);
        Volatile.Write(ref _toFail, 1);
        return this;
    }

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType != grain || context.MethodName != method) return context.Invoke();
        if (Interlocked.Exchange(ref _toFail, 0) == 1)
        {
            Interlocked.Increment(ref _failed);
            throw new OrleansException("the silo of the grain is gone");
        }
        Interlocked.Increment(ref _arrived);
        return context.Invoke();
    }
}
