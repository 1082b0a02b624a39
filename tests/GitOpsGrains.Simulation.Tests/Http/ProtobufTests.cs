using System.Text;
using CsCheck;

namespace GitOpsGrains.Simulation.Tests.Http;

/// <summary>Objects in protobuf, as kubectl sends them, and bytes that only look so.</summary>
public sealed class ProtobufTests(SimulationStage stage)
{
    private const string Type = "application/vnd.kubernetes.protobuf";

    [Fact]
    public async Task ConfigMap_InProtobuf_IsStoredAsInJson()
    {
        using var cluster = stage.NewCluster();
        byte[] metadata = [.. Part(1, "a"), .. Part(11, [.. Part(1, "app"), .. Part(2, "web")])];
        byte[] body = [.. Part(1, metadata), .. Part(2, [.. Part(1, "k"), .. Part(2, "vä")]), .. Part(3, [.. Part(1, "b"), .. Part(2, [0, 255])]), 0x20, 0x01];

        var made = await cluster.SendAsync("POST", Sample.ConfigMaps, Object("v1", "ConfigMap", body), Type);
        var read = (await cluster.GetAsync($"{Sample.ConfigMaps}/a")).Ok().Json;

        Assert.Equal(201, made.Status);
        Assert.Equal("""{"app":"web"} {"k":"vä"} {"b":"AP8="} true""", $"{read.GetProperty("metadata").GetProperty("labels")} {read.GetProperty("data")} {read.GetProperty("binaryData")} {read.GetProperty("immutable").GetRawText()}");
    }

    [Fact]
    public async Task Kind_ThatIsNotReadSo_Is415AndSaysWhatToDo()
    {
        using var cluster = stage.NewCluster();

        var refused = await cluster.SendAsync("POST", Sample.Deployments, Object("apps/v1", "Deployment", Part(1, Part(1, "a"))), Type);

        Assert.Equal((415, "the simulation reads Deployment as JSON, not in protobuf: write it to a file (--dry-run=client -o yaml) and apply that"), (refused.Status, refused.Message));
    }

    [Fact]
    public async Task Bytes_OfAnyKind_AreAnObjectOrRefused()
    {
        using var cluster = stage.NewCluster();
        var whole = Object("v1", "ConfigMap", Part(1, Part(1, "a")));
        var bodies = new List<byte[]>();
        Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[4, whole.Length], Gen.Byte).Sample((noise, at, value) =>
        {
            byte[] changed = [.. whole];
            changed[Math.Min(at, whole.Length - 1)] = value;
            bodies.Add([.. "k8s\0"u8, .. noise]);
            bodies.Add(whole[..at]);
            bodies.Add(changed);
        }, iter: 100, threads: 1);

        foreach (var body in bodies)
        {
            var answer = await cluster.SendAsync("POST", $"{Sample.ConfigMaps}?dryRun=All", body, Type);
            Assert.True(answer.Status is 201 or 400 or 415 or 422, $"{answer.Status} {answer.Text} {Convert.ToHexString(body)}");
        }
    }

    private static byte[] Object(string apiVersion, string kind, byte[] raw) =>
        [.. "k8s\0"u8, .. Part(1, [.. Part(1, apiVersion), .. Part(2, kind)]), .. Part(2, raw), .. Part(3, ""), .. Part(4, "")];

    private static byte[] Part(int number, string text) => Part(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Part(int number, byte[] bytes) => [(byte)((number << 3) | 2), (byte)bytes.Length, .. bytes];
}
