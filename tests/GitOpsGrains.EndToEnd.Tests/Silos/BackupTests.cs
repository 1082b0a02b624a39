using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>What becomes of an installation whose machine is lost, by real processes.</summary>
public sealed class BackupTests : ServersFixture
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task SiloWhoseDataIsLost_RestoredInItsPlace_GoesOnWithoutAWrite()
    {
        var scene = await StartAsync();
        await scene.BackUpAsync();
        await scene.Silo.KillAsync();
        var objects = await scene.VersionsAsync();

        var settings = scene.Settings;
        var data = TestFolder.New("restored");
        var restored = await SiloProcess.RunCommandAsync(settings, Deadline, "storage", "restore", "--from", scene.Archive, "--to", "Embedded", "--data", data, "--keep-installation-id");
        Assert.True(restored.ExitCode == 0, restored.ToString());
        await using var after = await SiloProcess.StartNewAsync(settings, data);

        await after.Api.WaitSyncedAsync(scene.Application, await scene.Work.HeadAsync(), Deadline);
        await after.Api.CommandAsync(scene.Application, "refresh");
        await after.Api.WaitSyncedAsync(scene.Application, await scene.Work.HeadAsync(), Deadline);
        Assert.Equal(objects, await scene.VersionsAsync());
        Assert.Equal(2, (await after.Api.HistoryAsync(scene.Application)).Count);
        await scene.Work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "after"));
        await after.Api.SyncedAfterRefreshAsync(scene.Application, await scene.Work.HeadAsync());
        await scene.Silo.DisposeAsync();
    }

    [Fact]
    public async Task BackupStartedBesideItsOriginal_WritesNothingBeforeItIsGivenTheCluster_ThenTheOriginalDoes()
    {
        var scene = await StartAsync();
        await using var original = scene.Silo;
        await scene.BackUpAsync();
        var data = TestFolder.New("restored");
        var restored = await SiloProcess.RunCommandAsync(scene.Settings, Deadline, "storage", "restore", "--from", scene.Archive, "--to", "embedded", "--data", data);
        Assert.True(restored.ExitCode == 0, restored.ToString());
        Assert.Contains("gitopsctl cluster takeover", restored.Output, StringComparison.Ordinal);
        await using var copy = await SiloProcess.StartNewAsync(scene.Settings, data);

        await ConflictAsync(copy, scene.Application);
        await scene.Work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "by the original"));
        await copy.Api.CommandAsync(scene.Application, "refresh");
        await original.Api.SyncedAfterRefreshAsync(scene.Application, await scene.Work.HeadAsync());

        await copy.Api.TakeOverAsync(FleetFixture.Cluster);
        await copy.Api.WaitSyncedAsync(scene.Application, await scene.Work.HeadAsync(), Deadline);
        await ConflictAsync(original, scene.Application);
        await scene.Work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "by the copy"));
        await original.Api.CommandAsync(scene.Application, "refresh");
        await copy.Api.SyncedAfterRefreshAsync(scene.Application, await scene.Work.HeadAsync());
        await ConflictAsync(original, scene.Application);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BackupRestoredUnderAnotherName_IsRefusedBeforeAnythingIsWritten(bool keepsId)
    {
        var name = $"test-{Guid.NewGuid():N}"[..16];
        var settings = new Dictionary<string, string> { ["Installation__Name"] = name };
        await using var silo = await SiloProcess.StartNewAsync(settings);
        var (archive, data) = (Path.Combine(TestFolder.New("archive"), "backup.tgz"), TestFolder.New("restored"));
        var taken = await SiloProcess.RunCommandAsync(settings, Deadline, "storage", "backup", "--from", "Embedded", "--to", archive, "--data", silo.DataDirectory);
        Assert.True(taken.ExitCode == 0, taken.ToString());
        string[] order = ["storage", "restore", "--from", archive, "--to", "Embedded", "--data", data, .. keepsId ? ["--keep-installation-id"] : Array.Empty<string>()];

        var refused = await SiloProcess.RunCommandAsync(new Dictionary<string, string> { ["Installation__Name"] = "another" }, Deadline, order);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Equal($"error: the backup is of the installation '{name}', the setting Installation:Name says 'another'; restore it under its own name (GITOPSGRAINS__Installation__Name={name}), since every managed object carries that", refused.Error.Trim());
        Assert.Empty(Directory.EnumerateFileSystemEntries(data));
        // Nothing is in the way of the right name.
        var restored = await SiloProcess.RunCommandAsync(settings, Deadline, order);
        Assert.True(restored.ExitCode == 0, restored.ToString());
    }

    [Fact]
    public async Task AllStateLost_TheSameDocumentsAppliedAgain_TakeUpEveryObjectWithoutAWrite()
    {
        var scene = await StartAsync();
        await scene.Silo.KillAsync();
        var objects = await scene.VersionsAsync();

        await using var after = await SiloProcess.StartNewAsync(scene.Settings);
        await after.Api.ApplyAsync(scene.Documents);
        await ConflictAsync(after, scene.Application);
        Assert.Equal(objects, await scene.VersionsAsync());
        await after.Api.TakeOverAsync(FleetFixture.Cluster);

        await after.Api.WaitSyncedAsync(scene.Application, await scene.Work.HeadAsync(), Deadline);
        Assert.Equal(objects, await scene.VersionsAsync());
        await scene.Work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "after"));
        await after.Api.SyncedAfterRefreshAsync(scene.Application, await scene.Work.HeadAsync());
        await scene.Silo.DisposeAsync();
    }

    private static Task ConflictAsync(SiloProcess silo, string application) => Eventually.TrueAsync(
        async () => (await silo.Api.TargetAsync(application, FleetFixture.Cluster)).Conditions.Any(condition => condition.Type == ConditionTypes.InstallationConflict),
        "the cluster to be another installation's", Deadline);

    private async Task<LostScene> StartAsync()
    {
        var space = await NewNamespaceAsync("lost");
        var name = $"test-{Guid.NewGuid():N}"[..16];
        var settings = new Dictionary<string, string> { ["Installation__Name"] = name, ["Cluster__ServiceId"] = name, ["Secrets__Directories"] = "/" };
        var silo = await SiloProcess.StartNewAsync(settings);
        var work = await Git.CreateRepositoryAsync(space);
        await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(40, "1"));
        var documents = Manifests.Cluster(Server)
            + Manifests.Repository(space, work.Url) + Manifests.Application(space, space);
        await silo.Api.ApplyAsync(documents);
        await silo.Api.WaitSyncedAsync($"default/{space}", await work.HeadAsync(), TimeSpan.FromSeconds(60));
        await work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "1"));
        await silo.Api.SyncedAfterRefreshAsync($"default/{space}", await work.HeadAsync(), TimeSpan.FromSeconds(60));
        return new LostScene(silo, work, settings, $"default/{space}", documents, async () => string.Join('\n', (await Server.Client.ConfigMapsAsync(space))
            .OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key} {item.Value.Metadata("resourceVersion")}")));
    }

    private sealed record LostScene(
        SiloProcess Silo, GitWorkspace Work, Dictionary<string, string> Settings, string Application, string Documents, Func<Task<string>> VersionsAsync)
    {
        public string Archive { get; } = Path.Combine(TestFolder.New("archive"), "backup.tgz");

        /// <summary>While the silo runs.</summary>
        public async Task BackUpAsync()
        {
            var taken = await SiloProcess.RunCommandAsync(Settings, Deadline, "storage", "backup", "--from", "Embedded", "--to", Archive, "--data", Silo.DataDirectory);
            Assert.True(taken.ExitCode == 0, taken.ToString());
        }
    }
}
