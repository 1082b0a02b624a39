using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Tests.Desired;

public sealed class SyncOptionSetTests
{
    private static readonly SyncOptionSet Application = new(["Replace=true", "PrunePropagationPolicy=background", "broken"]);

    [Fact]
    public void Option_ThatOnlyTheApplicationNames_IsSet() => Assert.True(Application.IsSet("Replace", Of("Force=true")));

    [Fact]
    public void Option_ThatTheObjectDenies_IsNotSet() => Assert.False(Application.IsSet("Replace", Of("Force=true, Replace=false")));

    [Fact]
    public void Value_OfTheObject_WinsOverTheApplications() => Assert.Equal("orphan", Application.Value("PrunePropagationPolicy", Of("PrunePropagationPolicy=orphan")));

    [Fact]
    public void Option_WhoseNameBeginsLikeAnother_IsAnother() => Assert.Null(SyncOptionSet.None.Value("Prune", Of("PruneLast=true")));

    private static Dictionary<string, string> Of(string options) => new() { ["argocd.argoproj.io/sync-options"] = options };
}
