using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

public sealed class InventoryOutlineTests
{
    private const string Two = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {team: shop}}}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}";
    private static readonly TrackingOwner Owner = new("default", "shop", "web");
    private static readonly OutlineSource From = new(Digest.Of("set"), "web", Owner);
    private static readonly ApiCatalog Catalog = CatalogOf(("", "ConfigMap", true), ("apps", "Deployment", true), ("", "Namespace", false));

    [Fact]
    public void Open_InventoryAsSealed_IsWhatWasBuiltWithoutBodies()
    {
        var built = Build(Two);
        var inventory = InventoryOf(built);

        var opened = InventoryOutline.Open(InventoryOutline.Seal(built, From, inventory), From, inventory, Catalog);

        Assert.NotNull(opened);
        Assert.True(opened.IsOutline);
        Assert.Equal(built.Objects.Select(item => (item.Id, item.ApiVersion, item.Hash)), opened.Objects.Select(item => (item.Id, item.ApiVersion, item.Hash)));
        Assert.True(opened.Objects[0].IsOutline);
        Assert.Throws<InvalidOperationException>(() => opened.Objects[0].Body);
        Assert.True(SyncPlanner.Plan(opened, inventory, _ => null, _ => null).PruneCandidates.Count == 0);
    }

    [Fact]
    public void Open_EntriesInAnotherOrder_IsTheSame()
    {
        var built = Build(Two);
        var seal = InventoryOutline.Seal(built, From, InventoryOf(built));

        Assert.NotNull(InventoryOutline.Open(seal, From, InventoryOf(built).Reverse().ToDictionary(), Catalog));
    }

    [Theory]
    [InlineData("set")]
    [InlineData("namespace")]
    [InlineData("owner")]
    [InlineData("build")]
    [InlineData("entry gone")]
    [InlineData("entry for another")]
    [InlineData("entry more")]
    [InlineData("entry of another manifest")]
    [InlineData("kind not served")]
    [InlineData("version not served")]
    [InlineData("scope changed")]
    [InlineData("no seal")]
    [InlineData("another seal")]
    public void Open_AnythingElse_IsNothing(string what)
    {
        var built = Build(Two);
        var inventory = InventoryOf(built);
        var (seal, from, catalog) = (InventoryOutline.Seal(built, From, inventory), From, Catalog);
        var first = built.Objects[0].Id;

        switch (what)
        {
            case "set": from = From with { Set = Digest.Of("other") }; break;
            case "namespace": from = From with { Namespace = "other" }; break;
            case "owner": from = From with { Owner = Owner with { Installation = "other" } }; break;
            case "build": from = From with { Build = Guid.NewGuid() }; break;
            case "entry for another":
                inventory.Remove(first);
                inventory[first with { Name = "c" }] = InventoryOf(Build(Two.Replace("name: a", "name: c", StringComparison.Ordinal)))[first with { Name = "c" }];
                break;
            case "entry gone": inventory.Remove(first); break;
            case "entry more": inventory[first with { Name = "c" }] = inventory[first] with { Id = first with { Name = "c" }, DesiredHash = default }; break;
            case "entry of another manifest": inventory[first] = inventory[first] with { DesiredHash = Digest.Of("other") }; break;
            case "kind not served": catalog = CatalogOf(("", "ConfigMap", true)); break;
            case "version not served": inventory[first] = inventory[first] with { ApiVersion = "v2" }; break;
            case "scope changed": catalog = CatalogOf(("", "ConfigMap", false), ("apps", "Deployment", true)); break;
            case "no seal": seal = default; break;
            case "another seal": seal = Digest.Of("other"); break;
            default: throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }

        Assert.Null(InventoryOutline.Open(seal, from, inventory, catalog));
    }

    [Theory]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {gitopsgrains.io/sync-options: Replace=true}}}")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}}}")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {kustomize.toolkit.fluxcd.io/reconcile: disabled}}}")]
    [InlineData(Two + "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: h, annotations: {argocd.argoproj.io/hook: PreSync}}}")]
    [InlineData(Two + "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: h, annotations: {argocd.argoproj.io/hook: Skip}}}")]
    [InlineData(Two + "\n---\n{apiVersion: example.com/v1, kind: Unknown, metadata: {name: u, annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}}")]
    [InlineData(Two + "\n---\n{apiVersion: example.com/v1, kind: Unknown, metadata: {name: u}}")]
    public void Seal_ManifestsThatSayMoreThanTheInventory_IsNone(string manifests)
    {
        var built = Build(manifests);

        Assert.True(InventoryOutline.Seal(built, From, InventoryOf(built)).IsNone);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Seal_InventoryThatSaysOtherThanTheManifests_IsNone(bool isMore)
    {
        var built = Build(Two);
        var inventory = InventoryOf(built);
        var space = new ResourceId("", "Namespace", "", "web");
        if (isMore) inventory[space] = new InventoryEntry { Id = space, ApiVersion = "v1", IsCreatedNamespace = true };
        else inventory[built.Objects[1].Id] = inventory[built.Objects[1].Id] with { DesiredHash = Digest.Of("not applied yet") };

        Assert.True(InventoryOutline.Seal(built, From, inventory).IsNone);
    }

    [Fact]
    public void Seal_OfNothing_IsNone() => Assert.True(InventoryOutline.Seal(Build(""), From, new Dictionary<ResourceId, InventoryEntry>()).IsNone);

    [Fact]
    public void Seal_OfAnOutline_IsNone()
    {
        var built = Build(Two);
        var inventory = InventoryOf(built);
        var opened = InventoryOutline.Open(InventoryOutline.Seal(built, From, inventory), From, inventory, Catalog)!;

        Assert.True(InventoryOutline.Seal(opened, From, inventory).IsNone);
    }

    [Fact]
    public void Build_AfterAnOutline_MakesTheBodies()
    {
        var built = Build(Two);
        var inventory = InventoryOf(built);
        var opened = InventoryOutline.Open(InventoryOutline.Seal(built, From, inventory), From, inventory, Catalog)!;

        var after = Build(Two, opened);

        Assert.Equal(built.Objects.Select(item => Encoding.UTF8.GetString(item.Body.Span)), after.Objects.Select(item => Encoding.UTF8.GetString(item.Body.Span)));
    }

    private static DesiredState Build(string text, DesiredState? previous = null) =>
        DesiredState.Build(ManifestSets.Combine(ManifestParser.Parse("f.yaml", Encoding.UTF8.GetBytes(text), RenderLimits.Default).Objects).Set!, Catalog, "web", Owner, previous);

    private static Dictionary<ResourceId, InventoryEntry> InventoryOf(DesiredState built) =>
        built.Objects.ToDictionary(item => item.Id, item => new InventoryEntry { Id = item.Id, ApiVersion = item.ApiVersion, Uid = "u", DesiredHash = item.Hash });

    private static ApiCatalog CatalogOf(params (string Group, string Kind, bool IsNamespaced)[] kinds) =>
        new([.. kinds.Select(kind => new ApiResource(kind.Group, "v1", kind.Kind, kind.Kind.ToLowerInvariant() + "s", kind.IsNamespaced, new HashSet<string>()))], []);
}
