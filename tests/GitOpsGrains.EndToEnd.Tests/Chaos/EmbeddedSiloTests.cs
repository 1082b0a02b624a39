using System.Net;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>One silo on a file of its own that is killed, or whose disk is full, in the middle of its work.</summary>
public sealed class EmbeddedSiloTests(ChaosServers servers) : IClassFixture<ChaosServers>
{
    private const int Many = 300;
    private const string NoRoom = "no room left on the disk";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task KilledInMidSync_StartedAgain_TheSyncEndsAndNothingIsLost()
    {
        await using var silo = await SiloProcess.StartNewAsync();
        await using var objects = await servers.NewObjectsAsync(silo, Many);
        await using var documents = AcknowledgedDocuments.Begin(silo.Api);
        await objects.PublishAsync();
        await objects.InTheMiddleAsync(silo.Api);
        await silo.KillAsync();
        Assert.InRange(await objects.WrittenAsync(), 20, Many - 1);
        await silo.StartAsync();

        await objects.SyncedByAsync(silo.Api, Patience);
        await documents.AssertAllThereAsync(silo.Api);
        Assert.Equal(0, await objects.AssertNothingWasLostAsync(silo.Api));
    }

    [Fact]
    public async Task DiskFull_RoomAgain_WhatWasCommittedMeanwhileIsSyncedAndNothingIsLost()
    {
        await using var scene = await StartOnSmallDiskAsync();
        var (disk, silo, objects, documents) = scene;

        await FillAsync(disk, silo);
        Assert.Contains(NoRoom, await ReadinessAsync(silo), StringComparison.Ordinal);
        Assert.True(await silo.Api.IsAliveAsync());
        await CommitWhileFullAsync(objects, silo);
        disk.Empty();

        await Eventually.TrueAsync(silo.Api.IsReadyAsync, "readiness", TimeSpan.FromSeconds(10));
        await objects.SyncedByAsync(silo.Api, Patience);
        await documents.AssertAllThereAsync(silo.Api);
        Assert.All(documents.Refusals, refusal =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refusal.Status);
            Assert.Contains(NoRoom, refusal.Message, StringComparison.Ordinal);
        });
        Assert.Equal(0, await objects.AssertNothingWasLostAsync(silo.Api, overtaken: 1));
    }

    /// <summary>What was refused is asked for again and again, and at the end nothing says that it was stored but the storage.</summary>
    [Fact(Explicit = true)]
    public async Task KilledOnAFullDisk_StartedWithRoom_HasAllThatWasAcknowledged()
    {
        await using var scene = await StartOnSmallDiskAsync();
        var (disk, silo, objects, documents) = scene;
        await FillAsync(disk, silo);
        await CommitWhileFullAsync(objects, silo);
        await Eventually.TrueAsync(() => documents.Refusals.Count > 20, "documents that are refused again and again");
        await documents.StopAsync();
        await silo.KillAsync();
        disk.Empty();
        await silo.StartAsync();

        await documents.AssertAllThereAsync(silo.Api);
        await objects.SyncedByAsync(silo.Api, Patience);
        Assert.Equal(0, await objects.AssertNothingWasLostAsync(silo.Api, overtaken: 1));
    }

    /// <summary>A silo that works, and has its data on a disk of its own.</summary>
    private async Task<SmallDiskScene> StartOnSmallDiskAsync()
    {
        var disk = await SmallDisk.MountAsync(megabytes: 48);
        var silo = await SiloProcess.StartNewAsync(dataDirectory: Directory.CreateDirectory(Path.Combine(disk.Folder, "data")).FullName);
        var scene = new SmallDiskScene(disk, silo, await servers.NewObjectsAsync(silo, Many), AcknowledgedDocuments.Begin(silo.Api));
        await Eventually.TrueAsync(() => scene.Documents.Count > 5, "acknowledged documents");
        return scene;
    }

    private sealed record SmallDiskScene(SmallDisk Disk, SiloProcess Silo, CountedObjects Objects, AcknowledgedDocuments Documents) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (IAsyncDisposable part in new IAsyncDisposable[] { Documents, Objects, Silo, Disk }) await part.DisposeAsync();
        }
    }

    /// <summary>Until a write has failed and the silo says so.</summary>
    private static async Task FillAsync(SmallDisk disk, SiloProcess silo) => await Eventually.TrueAsync(async () =>
    {
        // What is in files already may be overwritten there: the log of the database goes on for a while.
        disk.Fill();
        return !await silo.Api.IsReadyAsync();
    }, "a silo that is not ready", Patience);

    /// <summary>Two commits, the second of which is larger than what is left.</summary>
    private static async Task CommitWhileFullAsync(CountedObjects objects, SiloProcess silo)
    {
        await objects.PublishAsync();
        await objects.RefreshOrUnavailableAsync(silo.Api);
        await objects.Work.WriteAsync("other/large.txt", Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(500_000)));
        await objects.PublishAsync();
        await objects.RefreshOrUnavailableAsync(silo.Api);
        await StorageFaultTests.PassAsync(TimeSpan.FromSeconds(5));
        Assert.False(silo.HasEnded, silo.HasEnded ? silo.Log : "");
        // What can't be stored is not written to the cluster either, and nobody says that it was.
        Assert.Equal(0, await objects.WrittenAsync());
        var status = (await silo.Api.ApplicationAsync(objects.Application)).Status;
        Assert.NotEqual(("Synced", await objects.Work.HeadAsync()), (status.Sync, status.Revision));
        TestContext.Current.TestOutputHelper?.WriteLine($"while it was full: {status.Sync} at {status.Revision}; {string.Join("; ", status.Conditions.Select(condition => $"{condition.Type}: {condition.Message}"))}");
    }

    private static async Task<string> ReadinessAsync(SiloProcess silo)
    {
        using var http = new HttpClient { BaseAddress = silo.Url };
        using var answer = await http.GetAsync("readyz");
        return await answer.Content.ReadAsStringAsync();
    }
}
