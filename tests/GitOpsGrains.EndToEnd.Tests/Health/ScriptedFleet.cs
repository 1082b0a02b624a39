using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Health;

/// <summary>A product whose administrator has given health scripts and actions for ConfigMaps, as argocd-cm has them.</summary>
public sealed class ScriptedFleet : ApiServerFixture
{
    private const string Cluster = "scripted";

    private const string Customizations = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: argocd-cm}
        data:
          resource.customizations.health.ConfigMap: |
            if obj.data == nil or obj.data.state == nil then return nil end
            if obj.data.state == "loop" then while true do end end
            local status = { paused = "Suspended", ready = "Healthy" }
            return { status = status[obj.data.state], message = "it is " .. obj.data.state }
          resource.customizations.actions.ConfigMap: |
            discovery.lua: |
              return { mark = {}, wake = { disabled = obj.data.state ~= "paused" }, steal = {}, fail = {} }
            definitions:
            - name: mark
              action.lua: |
                obj.metadata.annotations["example.com/marked"] = "yes"
                return obj
            - name: wake
              action.lua: |
                obj.data.state = "ready"
                return obj
            - name: steal
              action.lua: |
                obj.metadata.annotations["gitopsgrains.io/target"] = "other"
                return obj
            - name: fail
              action.lua: return obj.nothing.here
        """;

    private string? _folder;
    private InProcessHost? _host;
    private GitServer? _git;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (!HasServer) return;
        Server.WriteKubeconfig(Scene.KubeconfigOf(Server, Cluster));
        _folder = Directory.CreateTempSubdirectory("gog-scripts-").FullName;
        var file = Path.Combine(_folder, "argocd-cm.yaml");
        await File.WriteAllTextAsync(file, Customizations);
        _host = await InProcessHost.StartAsync(settings => settings with { HealthCustomizationsFile = file });
        _git = await GitServer.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is not null) await _host.DisposeAsync();
        if (_git is not null) await _git.DisposeAsync();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
        await base.DisposeAsync();
    }

    public Task<Scene> NewSceneAsync() => Scene.CreateAsync(_host!, Server, _git!, Cluster);
}
