using System.Text.Json;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;
using Microsoft.Data.Sqlite;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>An installation moves from one machine's directory to shared storage, and back, by the command.</summary>
public sealed class StorageMoveTests : ServersFixture
{
    private const int Objects = 700;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("AzureStorage")]
    [InlineData("Redis")]
    public async Task An_application_goes_on_after_a_move_without_a_write_to_its_cluster(string kind)
    {
        using var azurite = kind == "AzureStorage" ? await Azurite.StartAsync() : null;
        using var redis = kind == "Redis" ? await RedisServer.StartAsync() : null;
        var settings = Settings(kind, azurite?.ConnectionString, redis?.ConnectionString);
        var embedded = new Dictionary<string, string>(settings) { ["Storage__Kind"] = "Embedded" };
        embedded.Remove("Auth__AdminTokenFile");
        await using var before = await SiloProcess.StartNewAsync(embedded);
        var (work, space) = await FillAsync(before);
        Assert.Equal(1, (await RunAsync(embedded, kind, before.DataDirectory)).ExitCode);
        await before.StopAsync();
        var objects = await VersionsAsync(space);

        var copied = await RunAsync(settings, kind, before.DataDirectory);
        Assert.True(copied.ExitCode == 0, copied.ToString());
        var back = TestFolder.New("back");
        var returned = await SiloProcess.RunCommandAsync(settings, Deadline, "storage", "copy", "--from", kind, "--to", "embedded", "--data", back);
        Assert.True(returned.ExitCode == 0, returned.ToString());
        Assert.Equal(RowsOf(before.DataDirectory), RowsOf(back));

        File.Copy(Path.Combine(before.DataDirectory, "admin-token"), settings["Auth__AdminTokenFile"]);
        await using var after = await SiloProcess.StartNewAsync(settings);
        await after.Api.WaitSyncedAsync($"default/{space}", await work.HeadAsync(), TimeSpan.FromSeconds(60));
        await after.Api.CommandAsync($"default/{space}", "refresh");
        Assert.Equal(objects, await VersionsAsync(space));
        Assert.Equal(2, (await after.Api.HistoryAsync($"default/{space}")).Count);

        // What it stores from now on, and the keys it was given, work too.
        await work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "after"));
        await after.Api.SyncedAfterRefreshAsync($"default/{space}", await work.HeadAsync());
        var second = await RunAsync(settings, kind, before.DataDirectory);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is Active in the storage to copy to", second.Error, StringComparison.Ordinal);
    }

    private static Task<CommandResult> RunAsync(Dictionary<string, string> settings, string kind, string directory) =>
        SiloProcess.RunCommandAsync(settings, Deadline, "storage", "copy", "--from", "embedded", "--to", kind, "--data", directory);

    private static Dictionary<string, string> Settings(string kind, string? azure, string? redis)
    {
        var folder = TestFolder.New("shared");
        var name = $"test-{Guid.NewGuid():N}"[..16];
        var settings = new Dictionary<string, string>
        {
            ["Storage__Kind"] = kind,
            ["Storage__KeyDirectory"] = Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName,
            ["Auth__AdminTokenFile"] = Path.Combine(folder, "admin-token"),
            ["Installation__Name"] = name,
            ["Cluster__ServiceId"] = name,
            ["Silo__Port"] = "0",
            ["Silo__GatewayPort"] = "0",
            ["Secrets__Directories"] = "/",
        };
        if (azure is not null) settings["Storage__Azure__ConnectionString"] = azure;
        if (redis is not null) settings["Storage__Redis__ConnectionString"] = redis;
        return settings;
    }

    /// <summary>An application with history, an inventory of several records, and one of each other kind of document.</summary>
    private async Task<(GitWorkspace Work, string Space)> FillAsync(SiloProcess silo)
    {
        var space = await NewNamespaceAsync("moved");
        var work = await Git.CreateRepositoryAsync(space);
        await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Objects, "1"));
        await silo.Api.ApplyAsync(
            Manifests.Cluster(Server)
            + Manifests.Repository(space, work.Url) + Manifests.Application(space, space)
            + """
              apiVersion: gitopsgrains.io/v1
              kind: Project
              metadata: {name: other}
              spec: {repositories: ["*"], clusters: ["*"]}
              ---
              apiVersion: gitopsgrains.io/v1
              kind: RepositoryCredentials
              metadata: {name: shared}
              spec:
                urlPrefix: https://git.example.com/team
                credentials: {username: bot, passwordFrom: {env: GITOPSGRAINS_SECRET_NONE}}

              """);
        await silo.Api.WaitSyncedAsync($"default/{space}", await work.HeadAsync(), TimeSpan.FromSeconds(60));
        await work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "1"));
        await silo.Api.SyncedAfterRefreshAsync($"default/{space}", await work.HeadAsync(), TimeSpan.FromSeconds(60));
        return (work, space);
    }

    private async Task<string> VersionsAsync(string space) => string.Join('\n', (await Server.Client.ConfigMapsAsync(space))
        .OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key} {item.Value.Metadata("resourceVersion")} {Updates(item.Value)}"));

    private static string Updates(JsonElement live) =>
        string.Join(',', live.GetProperty("metadata").GetProperty("managedFields").EnumerateArray().Select(entry => entry.GetProperty("time").GetString()));

    /// <summary>Every record of grains and manifests, and every reminder, without their etags.</summary>
    private static string[] RowsOf(string directory) =>
    [
        .. Read(directory, "state.db", "SELECT grain_id || ' ' || state_name || ' ' || hex(data) FROM grain_state"),
        .. Read(directory, "state.db", "SELECT grain_id || ' ' || name || ' ' || start_at / 10000 || ' ' || period FROM reminders"),
        .. Read(directory, "manifests.db", "SELECT grain_id || ' ' || state_name || ' ' || hex(data) FROM grain_state"),
    ];

    private static List<string> Read(string directory, string file, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, file), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql + " ORDER BY 1";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(reader.GetString(0));
        return rows;
    }
}
