using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Rendering.Hosting;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Rendering.Tests;

/// <summary>A real Git server with one repository, its mirror and the renderer over it.</summary>
internal sealed class RenderHarness : IAsyncDisposable
{
    private readonly DirectoryInfo _data = System.IO.Directory.CreateTempSubdirectory("gog-render-");
    private readonly GitServer _server;
    private readonly ServiceProvider _gitServices;
    private readonly ServiceProvider _services;
    private readonly RepositoryAccess _access;

    private RenderHarness(GitServer server, GitWorkspace work, Action<RenderingOptions>? configure)
    {
        _server = server;
        Work = work;
        _access = new RepositoryAccess("fleet", work.Url, TimeSpan.FromSeconds(20));
        _gitServices = new ServiceCollection().AddLogging().AddGitMirrors(options => options.DataDirectory = _data.FullName).BuildServiceProvider();
        Mirrors = new CountingMirrors(_gitServices.GetRequiredService<IGitMirrors>());
        _services = new ServiceCollection().AddSingleton<IGitMirrors>(Mirrors).AddSingleton<ISecretReader>(Secrets).AddSingleton<ICredentialTemplates>(Secrets).AddRendering(options =>
        {
            options.Helm = Tools.Find("helm");
            options.Kustomize = Tools.Find("kubectl");
            configure?.Invoke(options);
        }).BuildServiceProvider();
        Renderer = _services.GetRequiredService<IRenderer>();
    }

    public GitWorkspace Work { get; }

    public GitServer Server => _server;

    public RepositoryAccess Access => _access;

    public CountingMirrors Mirrors { get; }

    public SecretShelf Secrets { get; } = new();

    public IRenderer Renderer { get; }

    public static async Task<RenderHarness> StartAsync(Action<RenderingOptions>? configure = null)
    {
        var server = await GitServer.StartAsync();
        return new RenderHarness(server, await server.CreateRepositoryAsync("fleet"), configure);
    }

    public static string ConfigMap(string name, string value = "1") =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{value: \"{value}\"}}\n";

    /// <summary>Commits and pushes all changes and brings them into the mirror.</summary>
    public async Task<string> PublishAsync()
    {
        var commit = await Work.CommitAsync("Change");
        await Work.PushAsync();
        await FetchAsync(commit);
        return commit;
    }

    public Task FetchAsync(string commit) => Mirrors.FetchAsync(_access, [new GitRef("refs/heads/main", commit)], CancellationToken.None);

    public RenderRequest Request(string commit, string path = "", DirectorySpec? directory = null, RenderLimits? limits = null) =>
        new(_access, commit, new SourceSpec { Repository = "fleet", Path = path, Directory = directory }, limits ?? RenderLimits.Default);

    public Task<RenderResult> RenderAsync(string commit, string path = "", DirectorySpec? directory = null, RenderLimits? limits = null) =>
        Renderer.RenderAsync(Request(commit, path, directory, limits), CancellationToken.None);

    public RenderRequest Request(string commit, SourceSpec source, RenderContext? context = null, RenderLimits? limits = null) =>
        new(_access, commit, source with { Repository = "fleet" }, limits ?? RenderLimits.Default) { Context = context ?? RenderContext.None };

    public Task<RenderResult> RenderAsync(string commit, SourceSpec source, RenderContext? context = null, RenderLimits? limits = null) =>
        Renderer.RenderAsync(Request(commit, source, context, limits), TestContext.Current.CancellationToken);

    public Task<RenderKey> KeyAsync(string commit, string path = "", DirectorySpec? directory = null) =>
        Renderer.KeyAsync(Request(commit, path, directory), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _gitServices.DisposeAsync();
        await _server.DisposeAsync();
        _data.Delete(true);
    }
}
