using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Faults;

/// <summary>Lets the requests of a cluster through, or does to them what its fault says.</summary>
internal sealed class FaultGate(TimeProvider time)
{
    private readonly Lock _gate = new();
    private ClusterFault _fault = ClusterFault.None;
    private int _met;
    private TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterFault Fault
    {
        get => _fault;
        set
        {
            lock (_gate)
            {
                (_fault, _met) = (value, 0);
                _replaced.TrySetResult();
                _replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>How many requests the fault of the moment has met.</summary>
    public int Met
    {
        get
        {
            lock (_gate) return _met;
        }
    }

    /// <summary>False if the request is over. Errors: <see cref="ApiException"/> for what is an answer.</summary>
    public async ValueTask<bool> PassAsync(HttpContext context)
    {
        var (fault, kind, replaced) = Take(context.Request);
        if (fault.Latency > TimeSpan.Zero) await Task.Delay(fault.Latency, time, context.RequestAborted);
        switch (kind)
        {
            case FaultKind.TooManyRequests:
                context.Response.Headers.RetryAfter = ((int)Math.Ceiling(fault.RetryAfter.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
                throw new ApiException(429, "TooManyRequests", "too many requests, please try again later");
            case FaultKind.ServerError:
                throw new ApiException(500, "InternalError", "Internal error occurred: the fault that was asked for");
            case FaultKind.Unauthorized:
                throw new ApiException(401, "Unauthorized", "Unauthorized");
            case FaultKind.Reset:
                context.Abort();
                return false;
            case FaultKind.LostAnswer:
                context.Response.OnStarting(() =>
                {
                    context.Abort();
                    return Task.CompletedTask;
                });
                return true;
            case FaultKind.Hang:
                await replaced.WaitAsync(context.RequestAborted);
                return true;
            default:
                return true;
        }
    }

    private (ClusterFault, FaultKind, Task) Take(HttpRequest request)
    {
        lock (_gate)
        {
            var isMet = _fault.Kind != FaultKind.None
                && (_fault.Times is not { } times || _met < times)
                && (_fault.Path is not { } path || request.Path.Value?.EndsWith(path, StringComparison.Ordinal) == true)
                && (_fault.Kind != FaultKind.LostAnswer || !HttpMethods.IsGet(request.Method));
            if (isMet) _met++;
            return (_fault, isMet ? _fault.Kind : FaultKind.None, _replaced.Task);
        }
    }
}
