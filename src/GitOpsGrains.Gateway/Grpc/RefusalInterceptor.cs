using GitOpsGrains.Gateway.Fleet;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>Turns refusals into statuses. What is none stays an unknown error, whose text is not told.</summary>
internal sealed class RefusalInterceptor(ILogger<RefusalInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            throw GrpcErrors.Of(refusal.Note(logger, context.Method, exception));
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            throw GrpcErrors.Of(refusal.Note(logger, context.Method, exception));
        }
    }
}
