using System.IO.Pipelines;
using System.Text;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Watching;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class WatchStreamTests
{
    private const string Bookmark = """{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"12746","creationTimestamp":null}}}""";

    private readonly Pipe _pipe = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Next_OfABookmark_TellsItsVersion()
    {
        await using var stream = await OpenAsync();
        await WriteAsync(Bookmark + "\n");

        var item = await stream.NextAsync(default);

        Assert.Equal(new WatchEvent(WatchEventKind.Bookmark, null, "12746", null), item);
    }

    [Fact]
    public async Task Next_OfALineInPieces_WaitsForItsEnd()
    {
        await using var stream = await OpenAsync();
        await WriteAsync(Bookmark[..20]);
        var next = stream.NextAsync(default).AsTask();
        Assert.False(next.IsCompleted);

        await WriteAsync(Bookmark[20..] + "\n");

        Assert.Equal("12746", (await next)!.ResourceVersion);
    }

    [Fact]
    public async Task Next_AtTheEndOfTheStream_IsNull()
    {
        await using var stream = await OpenAsync();
        await _pipe.Writer.CompleteAsync();

        Assert.Null(await stream.NextAsync(default));
    }

    [Fact]
    public async Task Next_After90SecondsOfSilence_IsTimedOut()
    {
        await using var stream = await OpenAsync();
        var next = stream.NextAsync(default).AsTask();

        _time.Advance(TimeSpan.FromSeconds(89));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(ClusterErrorKind.TimedOut, (await next)!.Error!.Kind);
    }

    [Fact]
    public async Task Next_WithABookmarkEachMinute_GoesOn()
    {
        await using var stream = await OpenAsync();
        for (var minute = 0; minute < 5; minute++)
        {
            var next = stream.NextAsync(default).AsTask();
            _time.Advance(TimeSpan.FromSeconds(60));
            await WriteAsync(Bookmark + "\n");
            Assert.Equal(WatchEventKind.Bookmark, (await next)!.Kind);
        }
    }

    [Fact]
    public async Task Next_OfALineWithoutEnd_IsMalformed()
    {
        await using var stream = await OpenAsync();
        await WriteAsync(new string('x', 5000));

        Assert.Equal(ClusterErrorKind.Malformed, (await stream.NextAsync(default))!.Error!.Kind);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{}}}""")]
    [InlineData("""{"type":"NEWS","object":{}}""")]
    [InlineData("""{"type":"BOOKMARK"}""")]
    public async Task Next_OfSomethingElse_IsMalformed(string line)
    {
        await using var stream = await OpenAsync();
        await WriteAsync(line + "\n");

        Assert.Equal(ClusterErrorKind.Malformed, (await stream.NextAsync(default))!.Error!.Kind);
    }

    [Fact]
    public async Task Next_OfAnErrorOfTheServer_IsClassified()
    {
        await using var stream = await OpenAsync();
        await WriteAsync("""{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old resource version: 1 (9)","reason":"Expired","code":410}}""" + "\n");

        var item = await stream.NextAsync(default);

        Assert.Equal(new ClusterError(ClusterErrorKind.Gone, 410, "too old resource version: 1 (9)"), item!.Error);
    }

    private Task<WatchStream> OpenAsync() => WatchStream.OpenAsync(
        new HttpResponseMessage { Content = new StreamContent(_pipe.Reader.AsStream()) },
        KubernetesFixture.ConfigMaps, 4096, TimeSpan.FromSeconds(90), _time, CancellationToken.None);

    private async Task WriteAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));
}
