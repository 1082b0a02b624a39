using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Resources;

/// <summary>Events as the writers of all times fill them, and as an enemy would.</summary>
public sealed class LiveEventTests
{
    [Fact]
    public void From_AnEventOfOlderWriters_HasItsCountAndTimes()
    {
        var read = Read("""
            "involvedObject":{"apiVersion":"apps/v1","kind":"ReplicaSet","namespace":"web","name":"web-1","uid":"u1"},
            "type":"Warning","reason":"FailedCreate","message":" exceeded quota ","count":7,
            "firstTimestamp":"2026-01-02T03:04:05Z","lastTimestamp":"2026-01-02T03:14:05Z","source":{"component":"replicaset-controller","host":"n1"}
            """);

        Assert.Equal(new ResourceId("apps", "ReplicaSet", "web", "web-1"), read.About);
        Assert.Equal(("u1", "Warning", "FailedCreate", "exceeded quota", 7, "replicaset-controller on n1"), (read.Uid, read.Type, read.Reason, read.Message, read.Count, read.Source));
        Assert.Equal((At("03:04:05"), At("03:14:05")), (read.First, read.Last));
    }

    [Fact]
    public void From_AnEventOfASeries_HasTheCountAndTimeOfTheSeries()
    {
        var read = Read("""
            "involvedObject":{"apiVersion":"v1","kind":"Pod","namespace":"web","name":"p","uid":"u"},"count":null,"firstTimestamp":null,"lastTimestamp":null,
            "eventTime":"2026-01-02T03:04:05.123456Z","series":{"count":12,"lastObservedTime":"2026-01-02T04:04:05.000000Z"},"reportingComponent":"kubelet"
            """);

        Assert.Equal((12, "kubelet", At("04:04:05")), (read.Count, read.Source, read.Last));
        Assert.Equal(123456, read.First!.Value.Microsecond + (read.First.Value.Millisecond * 1000));
    }

    [Fact]
    public void From_AnEventWithoutTimes_HasThatOfItsMaking() => Assert.Equal((1, At("01:00:00")), (Read("\"a\":1").Count, Read("\"a\":1").Last));

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"Secret","name":"s"}""", "***")]
    [InlineData("""{"apiVersion":"example.com/v1","kind":"Secret","name":"s"}""", "value is canary")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","name":"s"}""", "value is canary")]
    public void From_AnEventOfASecret_HasNoMessage(string about, string expected) =>
        Assert.Equal(expected, Read($"\"involvedObject\":{about},\"message\":\"value is canary\"").Message);

    [Theory]
    [InlineData("a\\u001b[31mred\\nb\\u0000", "a [31mred b")]
    [InlineData("left\\u202eright\\u2028next", "left right next")]
    [InlineData("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***")]
    [InlineData("got eyJhbGciOiJI.eyJzdWIi.c2ln", "got ***")]
    public void From_AHostileMessage_IsOneVisibleLine(string message, string expected) => Assert.Equal(expected, Read($"\"message\":\"{message}\"").Message.TrimEnd());

    [Fact]
    public void From_ALongMessage_IsCutBetweenCharacters()
    {
        var message = Read($"\"message\":\"{string.Concat(Enumerable.Repeat("😀", 600))}\"").Message;

        Assert.Equal(LiveEvent.MaxMessage + 1, message.Length);
        Assert.Equal("😀…", message[^3..]);
    }

    [Theory]
    [InlineData("\"involvedObject\":[],\"message\":{},\"count\":\"9\",\"series\":7,\"source\":null,\"type\":1")]
    [InlineData("\"involvedObject\":null,\"count\":99999999999999,\"lastTimestamp\":\"yesterday\"")]
    [InlineData("\"count\":-5")]
    public void From_FieldsOfOtherTypes_AreAsIfTheyWereNotThere(string fields)
    {
        var read = Read(fields);

        Assert.Equal((new ResourceId("", "", "", ""), "", "", 1, At("01:00:00")), (read.About, read.Message, read.Type, read.Count, read.Last));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-01-02T{time}Z", System.Globalization.CultureInfo.InvariantCulture);

    private static LiveEvent Read(string fields) => LiveEvent.From(Live.Of(
        $$"""{"metadata":{"name":"e","namespace":"web","uid":"e1","creationTimestamp":"2026-01-02T01:00:00Z"},{{fields}}}""", "v1", "Event"));
}
