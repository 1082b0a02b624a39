using System.Net.Sockets;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Grpc;
using GitOpsGrains.Gateway.Hosting;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace GitOpsGrains.Gateway.Tests;

/// <summary>Whatever keeps a silo from answering is no fault of the request: 503 and UNAVAILABLE, and when to ask again.</summary>
public sealed class UnavailableTests
{
    private static readonly IServiceProvider Services = new ServiceCollection().AddLogging().AddSingleton(new GatewayListeners())
        .AddSingleton(TimeProvider.System).AddSingleton(new TokenVerdicts(null!, TimeProvider.System)).AddSingleton<Clients>().AddSingleton<Admission>().BuildServiceProvider();

    public static TheoryData<Exception, string> Failures => new()
    {
        { new SilosLostException(), "no silo answers; the gateway goes on trying to reach one" },
        { new SiloUnavailableException("S10.0.0.1:11111:1"), "the silo that serves this does not answer, and another one will take over; what was asked for may still happen" },
        { new ConnectionFailedException("S10.0.0.1:11111:1"), "the silo that serves this does not answer, and another one will take over; what was asked for may still happen" },
        { new GatewayTooBusyException(), "the silos have too much to do; try again later" },
        { new LimitExceededException("S10.0.0.1:11111:1"), "the silos have too much to do; try again later" },
        { new InconsistentStateException("S10.0.0.1:11111:1"), "this was changed by somebody else at the same time; try again" },
        { new StorageFailedException("no room left on the disk", new IOException("S10.0.0.1:11111:1")), "nothing can be stored at the moment: no room left on the disk; where the storage took it and could not say so, what was asked for may still happen" },
        { new OrleansException("Current directory at S10.0.0.1:11111:1 is not stable to perform the lookup. Retry later."), "the silos are just changing, or what is stored can't be read now; what was asked for may still happen" },
        { new TimeoutException("S10.0.0.1:11111:1"), "the silos have not answered in time; what was asked for may still happen" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Refusal_OfASiloThatDoesNotAnswer_IsUnavailableWithASentence(Exception failure, string sentence)
    {
        var refusal = Refusal.Of(failure);
        Assert.Equal((RefusalCode.Unavailable, sentence), (refusal?.Code, refusal?.Detail));

        var status = GrpcErrors.Of(refusal!);
        Assert.Equal((StatusCode.Unavailable, sentence), (status.StatusCode, status.Status.Detail));
        Assert.Equal(TimeSpan.FromSeconds(5), status.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan());

        var context = new DefaultHttpContext { RequestServices = Services };
        await RefusalMiddleware.InvokeAsync(context, _ => throw failure);
        Assert.Equal((503, "5"), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
    }

    /// <summary>Before a service of gRPC is reached, as at the door.</summary>
    [Fact]
    public async Task Refusal_OfTooMuch_Is429AndResourceExhaustedWithTheTimeToTryAgain()
    {
        var rest = new DefaultHttpContext { RequestServices = Services };
        await RefusalMiddleware.InvokeAsync(rest, _ => throw new TooManyOfOneClientException());
        Assert.Equal((429, "5", "application/problem+json"), (rest.Response.StatusCode, rest.Response.Headers.RetryAfter.ToString(), rest.Response.ContentType));

        var grpc = new DefaultHttpContext { RequestServices = Services };
        grpc.Request.ContentType = "application/grpc";
        await RefusalMiddleware.InvokeAsync(grpc, _ => throw new TooManyOfOneClientException());
        Assert.Equal((200, "8"), (grpc.Response.StatusCode, grpc.Response.Headers["grpc-status"].ToString()));
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(grpc.Response.Headers["grpc-status-details-bin"].ToString()));
        Assert.Equal((8, "TOO_MANY"), (status.Code, status.GetDetail<ErrorInfo>()!.Reason));
        Assert.Equal(TimeSpan.FromSeconds(5), status.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan());
    }

    [Fact]
    public void Refusal_OfAFaultOfThisProgram_IsNone()
    {
        Assert.Null(Refusal.Of(new InvalidOperationException()));
        Assert.Null(Refusal.Of(new SocketException((int)SocketError.ConnectionReset)));
    }
}
