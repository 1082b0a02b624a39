using GitOpsGrains.Silo.Configuration;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using Microsoft.Extensions.Configuration;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>Settings of the storage that can't be used: one sentence, and the end.</summary>
public sealed class StorageSettingsTests
{
    private const string Secret = "c2VjcmV0c2VjcmV0c2VjcmV0";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(2, "'Disk' is not one of Embedded, AzureStorage, Redis", "Storage__Kind=Disk")]
    [InlineData(2, "'1' is not one of", "Storage__Kind=1")]
    [InlineData(2, "Storage:Azure: give ConnectionString", "Storage__Kind=AzureStorage")]
    [InlineData(2, "Storage:Redis: give ConnectionString", "Storage__Kind=Redis")]
    [InlineData(2, "can't be read", "Storage__Kind=Redis", "Storage__Redis__ConnectionStringFile=/nowhere/redis")]
    [InlineData(2, "can't be read", "Storage__Kind=AzureStorage", "Storage__Azure__ConnectionString=AccountKey=" + Secret)]
    [InlineData(2, "Storage:KeyDirectory is required", "Storage__Kind=Redis", "Storage__Redis__ConnectionString=127.0.0.1:1,password=" + Secret)]
    [InlineData(2, "there is no directory", "Storage__Kind=Redis", "Storage__Redis__ConnectionString=127.0.0.1:1", "Storage__KeyDirectory=/nowhere/keys")]
    [InlineData(2, "Auth:AdminTokenFile is required", "Storage__Kind=Redis", "Storage__Redis__ConnectionString=127.0.0.1:1", "Storage__KeyDirectory=/")]
    [InlineData(2, "Silo:Port: '70000' is not a port", "Silo__Port=70000")]
    [InlineData(2, "Silo:Address: 'here.invalid' is neither an IP address nor a name that has one", "Silo__Address=here.invalid")]
    [InlineData(2, "Cluster:ServiceId and Cluster:Id", "Cluster__ServiceId=Two Words")]
    [InlineData(1, "the Redis server 127.0.0.1:1 was not reached", "Storage__Kind=Redis", "Storage__Redis__ConnectionString=127.0.0.1:1,connectTimeout=1000,password=" + Secret, "Storage__KeyDirectory=/", "Auth__AdminTokenFile=TOKEN")]
    public async Task A_silo_ends_with_one_sentence(int code, string sentence, params string[] settings)
    {
        var folder = TestFolder.New("settings");
        var token = Path.Combine(folder, "token");
        await File.WriteAllTextAsync(token, "gog_0123456789abcdef0123456789", TestContext.Current.CancellationToken);
        var given = settings.Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1] == "TOKEN" ? token : parts[1]);
        given["Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}";

        var result = await SiloProcess.RunCommandAsync(given, Deadline, "--data", folder);

        Assert.True(result.ExitCode == code, result.ToString());
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Contains(sentence, line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_whose_data_directory_cannot_be_written_ends_with_one_sentence()
    {
        var file = Path.Combine(TestFolder.New("settings"), "file");
        await File.WriteAllTextAsync(file, "not a directory", TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string> { ["Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}", ["Grpc__Url"] = "" };

        var result = await SiloProcess.RunCommandAsync(settings, Deadline, "--data", Path.Combine(file, "data"));

        Assert.Equal(1, result.ExitCode);
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"error: nothing can be written to the data directory '{file}/data'", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::1", "::1")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("localhost", "127.0.0.1")]
    public void TryRead_AddressOfTheSilo_IsAnAddressOrWhatANameHas(string value, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("Silo:Address", value)]).Build();
        Assert.True(SiloEndpoints.TryRead(configuration, isEmbedded: true, out var settings, out _));
        Assert.Equal(expected, settings.Address.ToString());
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("storage", "copy")]
    [InlineData("storage", "copy", "--from", "embedded")]
    [InlineData("storage", "copy", "--from", "embedded", "--to", "disk")]
    [InlineData("storage", "copy", "--from", "embedded", "--to", "embedded")]
    [InlineData("storage", "copy", "--from", "embedded", "--to", "2")]
    [InlineData("storage", "copy", "--from", "embedded", "--to", "redis")]
    [InlineData("storage", "copy", "--from", "embedded", "--to", "redis", "--without-keys")]
    [InlineData("storage", "backup", "--from", "embedded")]
    [InlineData("storage", "backup", "--from", "disk", "--to", "backup.tgz")]
    [InlineData("storage", "backup", "--from", "embedded", "--to", "backup.tgz", "--to", "other.tgz")]
    [InlineData("storage", "restore", "--from", "backup.tgz", "--to", "disk")]
    [InlineData("storage", "restore", "--from", "backup.tgz", "--to", "embedded", "--without-keys")]
    [InlineData("storage", "1", "--from", "embedded", "--to", "backup.tgz")]
    public async Task A_copy_that_is_asked_for_wrongly_says_how(params string[] arguments)
    {
        var result = await SiloProcess.RunCommandAsync(new Dictionary<string, string>(), Deadline, arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("error: ", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }
}
