using System.Text.Json;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>What a sync does with a repository, in which order: one folder of SyncScenarios for each rule.</summary>
public sealed class SyncScenarioTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "SyncScenarios");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_OfAScenario_IsAsExpected(string name)
    {
        var folder = Path.Combine(Root, name);

        var planned = new SyncScenario(folder).Run();

        var expected = JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllText(Path.Combine(folder, "expected.json")))!;
        Assert.Empty(expected.Keys.Except(planned.Keys));
        // What a scenario does not name is empty, the count of unchanged objects 0.
        foreach (var (part, lines) in planned) Assert.Equal(expected.GetValueOrDefault(part, part == "unchanged" ? ["0"] : []), lines);
    }
}
