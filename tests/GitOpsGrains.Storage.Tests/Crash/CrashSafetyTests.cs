using System.Globalization;
using GitOpsGrains.Storage.CrashChild;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Storage.Tests.Crash;

/// <summary>A writer killed under load loses nothing that it was told is stored.</summary>
public sealed class CrashSafetyTests
{
    private const int Rounds = 6;

    [Fact]
    public async Task Kill_UnderLoad_LosesNoAcknowledgedWrite()
    {
        using var directory = new TemporaryDirectory();
        var acknowledged = new Dictionary<string, long>(StringComparer.Ordinal);
        var manifests = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            var lines = await WriteThenKillAsync(directory.Path);
            Assert.NotEmpty(lines);
            foreach (var line in lines.Select(line => line.Split(' ')))
            {
                if (line[0] == "M") manifests.Add(line[1]);
                else acknowledged[$"{line[0]} {line[1]}"] = long.Parse(line[2], CultureInfo.InvariantCulture);
            }

            await using var services = await EmbeddedServices.OpenAsync(directory.Path);
            await ExpectWholeFilesAsync(services);
            foreach (var (name, sequence) in acknowledged) await ExpectAsync(services, name.Split(' '), sequence, round);
            foreach (var key in manifests) Assert.NotNull(await services.Manifests.GetAsync(key, default));
            // The next round's reminders begin anew.
            await services.Reminders.TestOnlyClearTable();
            foreach (var name in acknowledged.Keys.Where(name => name[0] == 'R').ToList()) acknowledged.Remove(name);
        }

        Assert.Equal(16, acknowledged.Count);
        Assert.NotEmpty(manifests);
    }

    private static async Task<List<string>> WriteThenKillAsync(string directory)
    {
        await using var child = ChildProcess.Start(directory);
        Assert.Equal("OPEN", await child.ReadLineAsync());
        var lines = new List<string>();
        // Killed after a random amount of work, so at a random moment of a commit.
        for (var left = Random.Shared.Next(50, 3000); left > 0; left--) lines.Add((await child.ReadLineAsync())!);
        child.Kill();
        lines.AddRange(await child.ReadToEndAsync());
        return lines;
    }

    private static async Task ExpectAsync(OpenedStorage services, string[] name, long sequence, int round)
    {
        if (name[0] == "R")
        {
            var row = await services.Reminders.ReadRow(GrainId.Create("crash", $"reminder/{name[1]}"), "crash");
            Assert.NotNull(row);
            Assert.True(row.StartAt >= DateTime.UnixEpoch.AddSeconds(sequence), $"round {round}: reminder {name[1]} lost {sequence}");
            return;
        }

        var state = new GrainState<CrashState>();
        await services.State.ReadStateAsync("crash", GrainId.Create("crash", $"worker/{name[1]}"), state);
        Assert.True(state.State!.IsWhole(), $"round {round}: worker {name[1]} has a torn state");
        Assert.True(state.State.Sequence >= sequence, $"round {round}: worker {name[1]} has {state.State.Sequence}, acknowledged {sequence}");
    }

    private static async Task ExpectWholeFilesAsync(OpenedStorage services)
    {
        var storage = services.Services.GetRequiredService<EmbeddedStorage>();
        foreach (var database in new[] { storage.StateDatabase, storage.ManifestDatabase })
            Assert.Equal("ok", await database.ReadAsync(
                session => session.First("PRAGMA integrity_check", row => row.GetString(0)), default));
    }
}
