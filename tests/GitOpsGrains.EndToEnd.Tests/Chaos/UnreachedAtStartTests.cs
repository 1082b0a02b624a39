using System.Text.Json;
using GitOpsGrains.Abstractions.Access;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A silo that starts where all were killed looks for its first grains on those that are dead.</summary>
public sealed class UnreachedAtStartTests
{
    [Theory]
    [InlineData(typeof(IAccessGrain), nameof(IAccessGrain.AllowAdminAsync))]
    [InlineData(typeof(IInstallationGrain), nameof(IInstallationGrain.EnsureAsync))]
    public async Task Grain_ThatIsOutOfReachWhenASiloStarts_IsAskedAgain(Type grain, string method)
    {
        var calls = new FailedCalls(grain, method).FailNext();

        await using var host = await InProcessHost.StartAsync(calls: calls);

        Assert.Equal(1, calls.Seen.Failed);
        Assert.InRange(calls.Seen.Arrived, 1, int.MaxValue);
        // With its token.
        Assert.Equal(1, (await host.Rest.GetAsync<JsonElement>("silos")).GetProperty("items").GetArrayLength());
    }
}
