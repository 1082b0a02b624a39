using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Lua.Customizations;
using Microsoft.Extensions.Logging.Abstractions;
using static GitOpsGrains.Lua.Tests.Scripts;

namespace GitOpsGrains.Lua.Tests;

/// <summary>The file: what it may be, which script is whose, and what is wrong with it.</summary>
public sealed class CustomizationsTests
{
    private const string ConfigMap = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: argocd-cm
        data:
          url: https://argocd.example.com
          resource.customizations.health.apps_Deployment: |
            return {status="Suspended", message="exact"}
          resource.customizations.health.PersistentVolumeClaim: |
            return {status="Healthy", message="core"}
          resource.customizations.useOpenLibs.apps_Deployment: "true"
          resource.customizations.ignoreDifferences.apps_Deployment: |
            jsonPointers: [/spec/replicas]
          resource.customizations.health.*.crossplane.io_*: |
            return {status="Progressing", message="wildcard"}
          resource.customizations: |
            "*.example.com/*":
              health.lua: |
                return {status="Degraded", message="combined " .. obj.kind}
              health.lua.useOpenLibs: false
            cert-manager.io/Certificate:
              ignoreDifferences: |
                jsonPointers: [/spec/duration]
        """;

    [Theory]
    [InlineData("apps/v1", "Deployment", HealthStatus.Suspended, "exact")]
    [InlineData("v1", "PersistentVolumeClaim", HealthStatus.Healthy, "core")]
    [InlineData("aws.crossplane.io/v1beta1", "Bucket", HealthStatus.Progressing, "wildcard")]
    [InlineData("db.example.com/v1", "Postgres", HealthStatus.Degraded, "combined Postgres")]
    public void ConfigMap_OfArgoCD_IsReadAsItIs(string apiVersion, string kind, HealthStatus expected, string message)
    {
        using var scripts = Of(ConfigMap);
        var live = Live("""{"metadata":{"name":"x"}}""", apiVersion, kind);

        Assert.True(scripts.Covers(live.Id.Group, kind));
        Assert.Equal(new ObjectHealth(expected, message), new HealthAssessor(scripts).Assess(live));
    }

    [Theory]
    [InlineData("apps", "StatefulSet")]
    [InlineData("crossplane.io", "Provider")]
    [InlineData("cert-manager.io", "Certificate")]
    [InlineData("", "Secret")]
    public void Kind_WithoutAScript_IsNotCovered(string group, string kind)
    {
        using var scripts = Of(ConfigMap);

        Assert.False(scripts.Covers(group, kind));
    }

    [Fact]
    public void ConfigMap_WithPartsThatHaveNoEffect_SaysSo()
    {
        var notices = new List<string>();
        using var scripts = Of(ConfigMap, notice: notices.Add);

        Assert.Equal(
        [
            "resource.customizations.useOpenLibs.apps_Deployment has no effect: string, table, math, os.date and os.time are always there, and no script gets io, load, debug or the rest of os",
            "resource.customizations.ignoreDifferences.apps_Deployment has no effect here: use ignoreDifferences of the application",
            "resource.customizations: cert-manager.io/Certificate: ignoreDifferences has no effect here: use ignoreDifferences of the application",
        ], notices);
    }

    [Fact]
    public void Script_ForExactlyTheKind_GoesBeforeAWildcardThatStandsFirst()
    {
        using var scripts = Of("""
            resource.customizations.health.*_*: return {status="Degraded", message="any"}
            resource.customizations.health.apps_Deployment: return {status="Healthy", message="exact"}
            """);

        Assert.Equal("exact", scripts.Assess(Live("""{"metadata":{"name":"x"}}""", "apps/v1", "Deployment"))?.Message);
        Assert.Equal("any", scripts.Assess(Live("""{"metadata":{"name":"x"}}""", "apps/v1", "DaemonSet"))?.Message);
        Assert.False(scripts.Covers("", "Secret"));
    }

    [Theory]
    [InlineData("just text", "the file is no single YAML mapping")]
    [InlineData("a: [", "the file is no YAML: line ")]
    [InlineData("kind: ConfigMap\nmetadata: {}", "the ConfigMap has no data")]
    [InlineData("resource.customisations.health.apps_Deployment: return", "the key resource.customisations.health.apps_Deployment is not known: keys begin with resource.customizations")]
    [InlineData("resource.customizations.helth.apps_Deployment: return", "the key resource.customizations.helth.apps_Deployment is not known: resource.customizations. is followed by health, actions or useOpenLibs")]
    [InlineData("resource.customizations.health.apps/v1/Deployment: return", "the key resource.customizations.health.apps/v1/Deployment does not end with <group>_<Kind>")]
    [InlineData("resource.customizations.health: return", "the key resource.customizations.health does not end with <group>_<Kind>")]
    [InlineData("resource.customizations.health.apps_Deployment: [1]", "resource.customizations.health.apps_Deployment is no text")]
    [InlineData("resource.customizations.health.apps_Deployment: ''", "resource.customizations.health.apps_Deployment is empty")]
    [InlineData("resource.customizations.health.apps_Deployment: return return", "resource.customizations.health.apps_Deployment: health.lua:1: unexpected symbol near 'return'")]
    [InlineData("resource.customizations: |\n  apps/Deployment:\n    helth.lua: x", "resource.customizations: apps/Deployment: helth.lua is not known")]
    [InlineData("resource.customizations: |\n  apps/Deployment: x", "resource.customizations: apps/Deployment is no mapping")]
    [InlineData("resource.customizations.health.a_B: return {}\nresource.customizations: |\n  a/B:\n    health.lua: return {}", "resource.customizations: a/B: health.lua is given twice")]
    [InlineData("resource.customizations.actions.a_B: |\n  definitions: []", "resource.customizations.actions.a_B has no discovery.lua")]
    [InlineData("resource.customizations.actions.a_B: |\n  discovery.lua: return {}\n  definitions: [{name: x}]", "resource.customizations.actions.a_B: the action x has no action.lua")]
    [InlineData("resource.customizations.actions.a_B: |\n  discovery.lua: return {}\n  definitions: [{action.lua: return obj}]", "resource.customizations.actions.a_B: a definition has no name")]
    [InlineData("resource.customizations.actions.a_B: |\n  discovery.lua: return {}\n  definitions: [{name: x, action.lua: 'if'}]", "resource.customizations.actions.a_B: the action x: x/action.lua:1: unexpected symbol near <eof>")]
    public void File_ThatIsWrong_IsRefusedWithTheKey(string yaml, string message)
    {
        var fault = Assert.Throws<FormatException>(() => Of(yaml));

        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAMissingFile_IsOneSentence()
    {
        var file = Path.Combine(Path.GetTempPath(), $"gog-{Guid.NewGuid():N}.yaml");

        var fault = Assert.Throws<CustomizationsException>(() => LuaCustomizations.Load(file, TimeProvider.System, NullLogger<LuaCustomizations>.Instance));

        Assert.StartsWith($"the customizations in {file} can't be read: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAFaultyFile_NamesFileAndKey()
    {
        var file = Path.Combine(Path.GetTempPath(), $"gog-{Guid.NewGuid():N}.yaml");
        File.WriteAllText(file, "resource.customizations.health.a_B: ''");
        try
        {
            var fault = Assert.Throws<CustomizationsException>(() => LuaCustomizations.Load(file, TimeProvider.System, NullLogger<LuaCustomizations>.Instance));

            Assert.Equal($"the customizations in {file} can't be used: resource.customizations.health.a_B is empty", fault.Message);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
