using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Budget;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class CircuitBreakerTests
{
    private static readonly ClusterError Dead = new(ClusterErrorKind.Unreachable, 0, "connection refused");

    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(3, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(25), _time);

    [Fact]
    public void Record_OfErrorsInARow_OpensAndRefuses()
    {
        Fail(2);
        Assert.False(_breaker.IsOpen);
        Fail(1);

        Assert.True(_breaker.IsOpen);
        Assert.Equal(ClusterErrorKind.CircuitOpen, _breaker.Enter()?.Kind);
        Assert.Contains("connection refused", _breaker.Refusal!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClusterErrorKind.ObjectRefused, 500)]
    [InlineData(ClusterErrorKind.WebhookFailed, 500)]
    [InlineData(ClusterErrorKind.Forbidden, 403)]
    [InlineData(ClusterErrorKind.TooManyRequests, 429)]
    public void Record_OfARefusal_IsASignOfLife(ClusterErrorKind kind, int status)
    {
        Fail(2);
        _breaker.Record(new ClusterError(kind, status, "no"));
        Fail(2);

        Assert.False(_breaker.IsOpen);
    }

    [Fact]
    public void Record_OfMissingCredentials_SaysNothingAboutTheCluster()
    {
        Fail(2);
        for (var number = 0; number < 10; number++) _breaker.Record(new ClusterError(ClusterErrorKind.Unauthorized, 0, "no token"));
        Assert.False(_breaker.IsOpen);
        Fail(1);

        Assert.True(_breaker.IsOpen);
    }

    [Fact]
    public void Record_OfErrorsFarApart_DoesNotOpen()
    {
        Fail(2);
        _time.Advance(TimeSpan.FromSeconds(31));
        Fail(2);

        Assert.False(_breaker.IsOpen);
    }

    [Fact]
    public void Enter_AfterItsTime_LetsOneThrough()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(_breaker.Enter());
        Assert.Equal(ClusterErrorKind.CircuitOpen, _breaker.Enter()?.Kind);
        _breaker.Record(null);

        Assert.False(_breaker.IsOpen);
        Assert.Null(_breaker.LastError);
    }

    [Fact]
    public void Enter_AfterACancelledProbe_LetsAnotherThrough()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(_breaker.Enter());

        _breaker.Abandon();

        Assert.Null(_breaker.Enter());
    }

    [Fact]
    public void Record_OfFailedProbes_DoublesTheTimeUpToItsLimit()
    {
        Fail(3);
        foreach (var wait in new[] { 10, 20, 25, 25 })
        {
            _time.Advance(TimeSpan.FromSeconds(wait - 1));
            Assert.NotNull(_breaker.Enter());
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Null(_breaker.Enter());
            Fail(1);
        }
    }

    private void Fail(int times)
    {
        for (var number = 0; number < times; number++) _breaker.Record(Dead);
    }
}
