using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.Simulation.Tests.Clusters;

/// <summary>A cluster that is saved and goes on, whatever became of its file.</summary>
public sealed class SavedClusterTests(SimulationStage stage)
{
    [Fact]
    public async Task SavedCluster_GoesOnAsItWas()
    {
        using var first = await NewFullClusterAsync();
        var saved = Save(first.Cluster);

        using var second = stage.NewCluster(new SimulatedClusterOptions { Controllers = false, Saved = saved });

        foreach (var path in (string[])[Sample.ConfigMaps, Sample.Deployments, Sample.Definitions, Sample.Probes, "/api/v1/namespaces", "/api/v1/services"])
            Assert.Equal((await first.GetAsync(path)).Ok().Text, (await second.GetAsync(path)).Ok().Text);
        Assert.Equal(Encoding.UTF8.GetString(saved), Encoding.UTF8.GetString(Save(second.Cluster)));
        Assert.Equal(first.Cluster.Measure(), second.Cluster.Measure());
    }

    [Fact]
    public async Task SavedCluster_KnowsNothingOfWhatWasBefore()
    {
        using var first = await NewFullClusterAsync();
        var old = (await first.GetAsync($"{Sample.ConfigMaps}/odd")).Version;

        using var second = stage.NewCluster(new SimulatedClusterOptions { Controllers = false, Saved = Save(first.Cluster) });
        using var watch = await second.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={old}");

        Assert.Equal(["ERROR 410 Expired"], await watch.ToEndAsync());
        Assert.Equal((await first.GetAsync(Sample.ConfigMaps)).Version, (await second.GetAsync(Sample.ConfigMaps)).Version);
    }

    [Fact]
    public async Task SavedCluster_FinishesDeletionsThatWereUnderWay()
    {
        using var first = stage.NewCluster();
        var owner = (await first.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("owner"))).Uid;
        await first.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("child", Sample.OwnedBy(("v1", "ConfigMap", "owner", owner))));
        await first.DeleteAsync($"{Sample.ConfigMaps}/owner", """{"propagationPolicy":"Foreground"}""");

        using var second = stage.NewCluster(new SimulatedClusterOptions { Saved = Save(first.Cluster) });

        await GitOpsGrains.Testing.Eventually.TrueAsync(async () => (await second.GetAsync(Sample.ConfigMaps)).Names().Length == 0, "neither of the two");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format":2,"version":1,"objects":[]}""")]
    [InlineData("""{"format":"1","version":1,"objects":[]}""")]
    [InlineData("""{"format":1,"version":99999999999999999999,"objects":[]}""")]
    [InlineData("""{"format":1,"version":1,"objects":{}}""")]
    [InlineData("""{"format":1,"version":1,"objects":[7]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps"}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":7,"object":{}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":null,"object":{}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"ghosts.example.com","object":{"metadata":{"name":"a"}}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":[]}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":{}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":{"metadata":{}}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":{"metadata":{"name":"a","namespace":"b","resourceVersion":"1"}}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":{"metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"x"}}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":{"metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"1","labels":[]}}}]}""")]
    [InlineData("""{"format":1,"version":1,"objects":[{"kind":"configmaps","object":{"metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"1"},"data":7}}]}""")]
    public void DamagedFile_IsRefusedByTheClustersName(string file)
    {
        var refused = Assert.Throws<InvalidDataException>(() => stage.NewCluster(new SimulatedClusterOptions { Saved = file.Length == 0 ? new byte[] { (byte)' ' } : Encoding.UTF8.GetBytes(file) }));

        Assert.StartsWith("the file of cluster c-", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Cut anywhere it is refused; with any byte changed it is refused or is a cluster that answers.</summary>
    [Fact]
    public async Task File_CutOrWithAByteChanged_IsRefusedOrAClusterThatWorks()
    {
        using var first = await NewFullClusterAsync();
        var saved = Save(first.Cluster);
        Gen.Int[1, saved.Length - 1].Sample(length => Assert.Throws<InvalidDataException>(() => NewCluster(saved[..length]).Dispose()), iter: 100, threads: 1);
        Gen.Select(Gen.Int[0, saved.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] changed = [.. saved];
            changed[at] = value;
            try
            {
                using var cluster = NewCluster(changed);
                cluster.Cluster.Measure();
                Save(cluster.Cluster);
            }
            catch (InvalidDataException)
            {
                return;
            }
        }, iter: 500, threads: 1);

        SimulatedUserClient NewCluster(byte[] file) => stage.NewCluster(new SimulatedClusterOptions { Controllers = false, Saved = file });
    }

    /// <summary>A process saves without a pause and is killed; what it leaves is the last save that it told of, or a later one.</summary>
    [Fact]
    public async Task KilledWhileItSaves_LeavesAWholeFile()
    {
        var folder = TestFolder.New("saves");
        var file = Path.Combine(folder, "c0.json");
        for (var round = 0; round < 8; round++)
        {
            using var process = await OwnedProcess.StartAsync(Tools.Require("dotnet"), Built.Assembly("GitOpsGrains.Simulation.Load", "GitOpsGrains.Simulation.Load"), "saves", "--folder", folder);
            await GitOpsGrains.Testing.Eventually.TrueAsync(() => process.HasExited ? throw new InvalidOperationException(process.Output) : process.StandardOutput.Split('\n').Length > 3 + round, "some saves");
            await process.KillAsync();
            var told = process.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^2];

            using var cluster = stage.NewCluster(new SimulatedClusterOptions { Controllers = false, Saved = await File.ReadAllBytesAsync(file) });
            var version = long.Parse((await cluster.GetAsync(Sample.ConfigMaps)).Ok().Version, CultureInfo.InvariantCulture);

            Assert.True(version >= long.Parse(told, CultureInfo.InvariantCulture), $"{version} after {told}");
        }
    }

    private static byte[] Save(SimulatedCluster cluster)
    {
        var buffer = new ArrayBufferWriter<byte>();
        cluster.Save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private async Task<SimulatedUserClient> NewFullClusterAsync()
    {
        var cluster = stage.NewCluster();
        (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("plain"))).Ok();
        (await cluster.ApplyAsync($"{Sample.ConfigMaps}/odd", Sample.ConfigMap("odd", ""","labels":{"a":"b"},"annotations":{"x":"\u00e4\n\u2028\"\\"}""", """{"ä":"😀","empty":""}"""))).Ok();
        (await cluster.ApplyAsync($"{Sample.Deployments}/web", Sample.Deployment("web"))).Ok();
        (await cluster.PostAsync("/api/v1/namespaces/default/services", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}""")).Ok();
        (await cluster.PostAsync(Sample.Definitions, Sample.Definition)).Ok();
        (await cluster.ApplyAsync($"{Sample.Probes}/deep", Sample.Probe("deep", string.Concat(Enumerable.Repeat("{\"a\":", 250)) + "1" + new string('}', 250)))).Ok();
        (await cluster.DeleteAsync($"{Sample.ConfigMaps}/plain")).Ok();
        (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("plain"))).Ok();
        return cluster;
    }
}
