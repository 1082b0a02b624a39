using System.Text;
using static GitOpsGrains.Simulation.Tests.SimulatedUserClient;

namespace GitOpsGrains.Simulation.Tests.Http;

/// <summary>Whatever a client sends, it gets a Status that says what is wrong, nothing is stored, and the cluster goes on.</summary>
public sealed class HostileInputTests(SimulationStage stage)
{
    private const string Name = Sample.ConfigMaps + "/a";

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap"} {}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":[]}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":"a"}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":{}}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":["a"]}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1","\u006b":"2"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"\ud800"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"\udfff":"1"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":1}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":[]}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"k":1}}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":"k"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","ownerReferences":["k"]}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":{"k":1}}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"immutable":1e999}""")]
    [InlineData("""{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"a"}}""")]
    [InlineData("""{"apiVersion":1,"kind":[],"metadata":{"name":"a"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"other"}}""")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")]
    public async Task Body_ThatIsNoObject_Is400(string body)
    {
        using var cluster = stage.NewCluster();

        foreach (var answer in new[] { await cluster.PostAsync(Sample.ConfigMaps, body), await cluster.ApplyAsync(Name, body) }) Refused(answer, body.Contains("\"name\":", StringComparison.Ordinal) ? [400, 422, 500] : [400]);

        await NothingIsStoredAsync(cluster);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0, 0 })]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}' })]
    [InlineData(new byte[] { (byte)'"', 0xF4, 0x90, 0x80, 0x80, (byte)'"' })]
    public async Task Bytes_ThatAreNoText_Are400(byte[] body)
    {
        using var cluster = stage.NewCluster();

        Refused(await cluster.SendAsync("POST", Sample.ConfigMaps, body, "application/json"), 400);
        Refused(await cluster.SendAsync("PATCH", $"{Name}?fieldManager=g", body, Apply), 400);
        await NothingIsStoredAsync(cluster);
    }

    [Theory]
    [InlineData(3 * 1024 * 1024 + 1, true)]
    [InlineData(3 * 1024 * 1024 + 1, false)]
    [InlineData(20 * 1024 * 1024, true)]
    public async Task Body_OfMoreThanAStoreTakes_Is413(int size, bool isLengthKnown)
    {
        using var cluster = stage.NewCluster();
        using var http = NewHttp(cluster.Fleet, cluster.Cluster.Users[0].Token);
        using var content = isLengthKnown ? (HttpContent)new ByteArrayContent(new byte[size]) : new StreamContent(new Unsized(size));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/clusters/{cluster.Cluster.Name}{Sample.ConfigMaps}") { Content = content, Version = new Version(2, 0) };

        Refused(await Answer.ReadAsync(await http.SendAsync(request)), 413);
        (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"))).Ok();
    }

    [Theory]
    [InlineData(300)]
    [InlineData(500_000)]
    public async Task Body_ThatNestsTooDeep_Is400(int depth)
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);

        Refused(await cluster.PostAsync(Sample.Probes, Sample.Probe("a", Nested(depth))), 400);
        Refused(await cluster.ApplyAsync($"{Sample.Probes}/a", Sample.Probe("a", Nested(depth))), 400);
        Assert.Empty((await cluster.GetAsync(Sample.Probes)).Names());
    }

    /// <summary>The names of managed fields nest deeper than the object itself.</summary>
    [Fact]
    public async Task Object_AsDeepAsAllowed_IsAppliedAndReadAgain()
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);

        (await cluster.ApplyAsync($"{Sample.Probes}/a", Sample.Probe("a", Nested(254)))).Ok();
        (await cluster.ApplyAsync($"{Sample.Probes}/a", Sample.Probe("a", Nested(254)), "other")).Ok();
        (await cluster.PatchAsync($"{Sample.Probes}/a", """{"metadata":{"labels":{"a":"b"}}}""", MergePatch)).Ok();
        (await cluster.PutAsync($"{Sample.Probes}/a", Sample.Probe("a", Nested(200)))).Ok();
        (await cluster.DeleteAsync($"{Sample.Probes}/a")).Ok();
    }

    [Fact]
    public async Task Patches_ThatDigDeeperEachTime_EndWithARefusal()
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);
        (await cluster.PostAsync(Sample.Probes, Sample.Probe("a", "{}"))).Ok();
        var path = new StringBuilder("/spec");
        var status = 200;
        for (var round = 0; round < 10 && status == 200; round++)
        {
            var operations = Enumerable.Range(0, 40).Select(_ => $$"""{"op":"add","path":"{{path.Append("/a")}}","value":{} }""");
            status = (await cluster.PatchAsync($"{Sample.Probes}/a", $"[{string.Join(',', operations)}]", JsonPatch)).Status;
        }

        Assert.InRange(status, 400, 422);
        (await cluster.GetAsync($"{Sample.Probes}/a")).Ok();
        (await cluster.PatchAsync($"{Sample.Probes}/a", """{"spec":{"a":null}}""", MergePatch)).Ok();
    }

    /// <summary>Each copy doubles the object: 40 of them would fill any memory.</summary>
    [Fact]
    public async Task Patch_ThatCopiesTheObjectIntoItself_IsRefusedInTime()
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);
        (await cluster.PostAsync(Sample.Probes, Sample.Probe("a", "{}"))).Ok();
        var copies = Enumerable.Range(0, 40).Select(static number => $$"""{"op":"copy","from":"/spec","path":"/spec/c{{number}}"}""");

        Refused(await cluster.PatchAsync($"{Sample.Probes}/a", $"[{string.Join(',', copies)}]", JsonPatch), 413);
        Assert.Equal("{}", (await cluster.GetAsync($"{Sample.Probes}/a")).Json.GetProperty("spec").GetRawText());
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/data/k","value":"v"}""", JsonPatch)]
    [InlineData("""{"op":"add"}""", JsonPatch)]
    [InlineData("""[1]""", JsonPatch)]
    [InlineData("""[{"op":"fly","path":"/data"}]""", JsonPatch)]
    [InlineData("""[{"op":"add","path":"data"}]""", JsonPatch)]
    [InlineData("""[{"op":"add","path":7,"value":1}]""", JsonPatch)]
    [InlineData("""[{"op":"remove","path":"/nothing"}]""", JsonPatch)]
    [InlineData("""[{"op":"remove","path":""}]""", JsonPatch)]
    [InlineData("""[{"op":"replace","path":"","value":null}]""", JsonPatch)]
    [InlineData("""[{"op":"replace","path":"","value":[]}]""", JsonPatch)]
    [InlineData("""[{"op":"remove","path":"/metadata"}]""", JsonPatch)]
    [InlineData("""[{"op":"replace","path":"/metadata","value":7}]""", JsonPatch)]
    [InlineData("""[{"op":"move","from":"/data","path":"/data/k"}]""", JsonPatch)]
    [InlineData("""[{"op":"add","path":"/data/99999999999","value":{}}]""", JsonPatch)]
    [InlineData("""[{"op":"test","path":"/data/key","value":"other"}]""", JsonPatch)]
    [InlineData("""[]""", MergePatch)]
    [InlineData("""7""", MergePatch)]
    [InlineData("""{"metadata":7}""", MergePatch)]
    [InlineData("""{"metadata":null}""", MergePatch)]
    [InlineData("""{"data":{"k":{}}}""", MergePatch)]
    [InlineData("""{"metadata":{"name":"b"}}""", MergePatch)]
    [InlineData("""{"kind":"Secret"}""", MergePatch)]
    [InlineData("""[]""", StrategicPatch)]
    [InlineData("""{"metadata":{"ownerReferences":[{"name":"x"}]}}""", StrategicPatch)]
    [InlineData("""{"metadata":{"ownerReferences":[7]}}""", StrategicPatch)]
    [InlineData("""{"data":{}}""", "text/plain")]
    [InlineData("""{"data":{}}""", "application/apply-patch+cbor")]
    public async Task Patch_ThatIsNone_IsRefusedAndChangesNothing(string patch, string type)
    {
        using var cluster = stage.NewCluster();
        var version = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"))).Ok().Version;

        Refused(await cluster.PatchAsync(Name, patch, type), 400, 413, 415, 422, 500);

        Assert.Equal(version, (await cluster.GetAsync(Name)).Version);
    }

    [Theory]
    [InlineData("99999999999999999999", 400)]
    [InlineData("1e999", 400)]
    [InlineData("1.5", 400)]
    [InlineData("-1", 422)]
    [InlineData("\"2\"", 400)]
    public async Task Number_ThatIsNone_IsRefused(string replicas, int status)
    {
        using var cluster = stage.NewCluster();

        Refused(await cluster.PostAsync(Sample.Deployments, Sample.Deployment("a").Replace("\"replicas\":2", $"\"replicas\":{replicas}", StringComparison.Ordinal)), status);
        (await cluster.PostAsync(Sample.Deployments, Sample.Deployment("b"))).Ok();
        Refused(await cluster.PatchAsync($"{Sample.Deployments}/b", $$$"""{"spec":{"replicas":{{{replicas}}} } }""", MergePatch), status);
        Refused(await cluster.PatchAsync($"{Sample.Deployments}/b/scale", $$$"""{"spec":{"replicas":{{{replicas}}} } }""", MergePatch), status);
    }

    [Fact]
    public async Task Field_ThatNobodyKnows_IsDropped_OrRefusedWhereItIsAskedFor()
    {
        using var cluster = stage.NewCluster();
        var body = Sample.Deployment("a").Replace("\"replicas\":2", "\"replicas\":2,\"relicas\":3", StringComparison.Ordinal);

        var strict = await cluster.PostAsync($"{Sample.Deployments}?fieldValidation=Strict", body);
        var dropped = (await cluster.PostAsync(Sample.Deployments, body)).Ok();
        var applied = await cluster.ApplyAsync($"{Sample.Deployments}/b", body.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));

        Refused(strict, 400);
        Assert.Contains("unknown field \"spec.relicas\"", strict.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("relicas", dropped.Text, StringComparison.Ordinal);
        Assert.Equal(500, applied.Status);
        Assert.Contains(".spec.relicas: field not declared in schema", applied.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"labels":{"a":1}}""")]
    [InlineData("""{"labels":"a"}""")]
    [InlineData("""{"annotations":{"a":{}}}""")]
    [InlineData("""{"ownerReferences":[7]}""")]
    [InlineData("""{"finalizers":"all"}""")]
    [InlineData("""{"finalizers":[{}]}""")]
    [InlineData("""{"generateName":7}""")]
    public async Task Metadata_OfACustomResource_IsThatOfEveryKind(string metadata)
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);
        var body = Sample.Probe("a", "{}").Replace("""{"name":"a"}""", $$"""{"name":"a",{{metadata[1..]}}""", StringComparison.Ordinal);

        Refused(await cluster.PostAsync(Sample.Probes, body), 400);
        Refused(await cluster.ApplyAsync($"{Sample.Probes}/a", body), 400, 500);
        Assert.Empty((await cluster.GetAsync(Sample.Probes)).Names());
    }

    [Theory]
    [InlineData("(")]
    [InlineData("(a+)+$")]
    public async Task Definition_WithAPatternThatIsNoneOrEndless_DoesNotStopItsObjects(string pattern)
    {
        using var cluster = stage.NewCluster();
        var made = await cluster.PostAsync(Sample.Definitions, Sample.Definition.Replace(
            "\"x-kubernetes-preserve-unknown-fields\":true", $$$"""
            "properties":{"text":{"type":"string","pattern":"{{{pattern}}}"} }
            """, StringComparison.Ordinal));

        var answer = await cluster.PostAsync(Sample.Probes, Sample.Probe("a", $$"""{"text":"{{new string('a', 5000)}}!"}"""));

        Assert.InRange(made.Status, 201, 422);
        Assert.InRange(answer.Status, 201, 422);
    }

    [Theory]
    [InlineData("name: x")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("\\u0000")]
    [InlineData("a\\n")]
    public async Task Name_ThatIsNone_Is422(string name)
    {
        using var cluster = stage.NewCluster();

        Refused(await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap(name)), 422);
        await NothingIsStoredAsync(cluster);
    }

    [Fact]
    public async Task Labels_ThatAreNone_Are422()
    {
        using var cluster = stage.NewCluster();

        Refused(await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a", ""","labels":{"a":"not a label"}""")), 422);
        Refused(await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a", $$""","labels":{"a":"{{new string('x', 64)}}"}""")), 422);
        Refused(await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a", ""","labels":{"not a name":"a"}""")), 422);
        await NothingIsStoredAsync(cluster);
    }

    private static void Refused(Answer answer, params int[] statuses)
    {
        Assert.True(statuses.Contains(answer.Status), $"{answer.Status} {answer.Text}");
        var status = answer.Json;
        Assert.Equal(("Status", "Failure", answer.Status), (status.GetProperty("kind").GetString(), status.GetProperty("status").GetString(), status.GetProperty("code").GetInt32()));
        Assert.NotEqual("", answer.Message);
    }

    private static async Task NothingIsStoredAsync(SimulatedUserClient cluster) => Assert.Empty((await cluster.GetAsync("/api/v1/configmaps")).Ok().Names());

    /// <summary>An object that nests as deep, itself included.</summary>
    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

    /// <summary>A stream whose length nobody knows.</summary>
    private sealed class Unsized(int size) : Stream
    {
        private int _left = size;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = Math.Min(count, _left);
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
