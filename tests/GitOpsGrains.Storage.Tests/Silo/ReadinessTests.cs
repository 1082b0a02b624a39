using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;
using Microsoft.Data.Sqlite;

namespace GitOpsGrains.Storage.Tests.Silo;

/// <summary>A silo whose storage takes nothing any more says so, and goes on when it does.</summary>
public sealed class ReadinessTests
{
    private const string Application = "{apiVersion: gitopsgrains.io/v1, kind: Application, metadata: {name: one}, spec: {source: {repository: none, ref: main, path: app}, destination: {clusters: [none], namespace: none}}}";

    [Fact]
    public async Task Readiness_WhileTheDataCanNotBeWritten_IsFalseAndASiloIsNotStartedAnew()
    {
        await using var silo = await SiloProcess.StartNewAsync();
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(silo.DataDirectory, "state.db")};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await ExecuteAsync(other, "BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<HttpRequestException>(() => silo.Api.ApplyAsync(Application));
            await Eventually.TrueAsync(async () => !await silo.Api.IsReadyAsync(), "not ready", TimeSpan.FromSeconds(60));
            Assert.True(await silo.Api.IsAliveAsync());
            await ExecuteAsync(other, "ROLLBACK");
        }

        await Eventually.TrueAsync(silo.Api.IsReadyAsync, "ready again", TimeSpan.FromSeconds(60));
        await silo.Api.ApplyAsync(Application);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
