using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Rendering.Closures;

namespace GitOpsGrains.Rendering.Kustomize;

/// <summary>
/// Finds all files that a kustomization needs, by following the names in it and in those that it builds on. What names
/// nothing in the repository is a fault here, so that the tool is never asked for anything else.
/// </summary>
internal sealed class KustomizeClosure
{
    private const int MaxDirectories = 2000;

    private readonly ClosureBuilder _builder;
    private readonly Queue<Visited> _open = new();
    private readonly HashSet<Visited> _seen = [];

    private KustomizeClosure(ClosureBuilder builder) => _builder = builder;

    /// <param name="root">The source's directory, after symbolic links.</param>
    public static async Task<Closure> BuildAsync(ClosureBuilder builder, string root)
    {
        var closure = new KustomizeClosure(builder);
        closure.Visit(new Visited(root, false));
        await closure.AddOverlayAsync(root);
        while (closure._open.TryDequeue(out var directory))
        {
            if (closure._seen.Count > MaxDirectories)
            {
                builder.Fault(".", $"more than {MaxDirectories} kustomizations build on each other");
                break;
            }
            await closure.ReadDirectoryAsync(directory);
        }
        return builder.Build(root, null);
    }

    /// <param name="OfPlugins">Its resources are generators, transformers or validators; it may be one of resources, too.</param>
    private readonly record struct Visited(string Directory, bool OfPlugins);

    private void Visit(Visited directory)
    {
        if (_seen.Add(directory)) _open.Enqueue(directory);
    }

    /// <summary>What the options of the source name: components and files of patches.</summary>
    private async Task AddOverlayAsync(string root)
    {
        if (_builder.Request.Source.Kustomize is not { } spec) return;
        foreach (var component in spec.Components)
            await FollowAsync(root, ".", new KustomizationReference("kustomize.components", component, ReferenceKind.Directory));
        foreach (var patch in spec.Patches.Where(patch => patch.Path.Length > 0))
            await FollowAsync(root, ".", new KustomizationReference("kustomize.patches", patch.Path, ReferenceKind.File));
    }

    private async Task ReadDirectoryAsync(Visited visited)
    {
        var (directory, ofPlugins) = visited;
        var files = new List<Found>();
        foreach (var name in KustomizationFile.Names)
        {
            var path = RepositoryPaths.Join(directory, name)!;
            if (await _builder.FindAsync("", path, path) is not { Kind: TreeEntryKind.Blob } file) continue;
            _builder.Add(path, file);
            files.Add(file);
        }
        var shown = directory.Length == 0 ? "." : directory;
        if (files.Count != 1)
        {
            _builder.Fault(shown, files.Count == 0 ? "the directory has no kustomization.yaml" : "the directory has more than one kustomization file");
            return;
        }
        if (await ReadAsync(files[0]) is not [TreeMap root]) return;
        if (KustomizationFile.InflationOf(root) is { } field)
        {
            _builder.Fault(files[0].Path, $"{field} is not supported: make the chart a source of its own (helm)");
            return;
        }
        if (MayBeFollowed(files[0].Path, root))
            foreach (var reference in KustomizationFile.ReferencesOf(root))
                // What a directory of plugins has are plugins.
                await FollowAsync(directory, files[0].Path, ofPlugins && reference.Kind == ReferenceKind.Either ? reference with { Kind = ReferenceKind.Plugin } : reference);
    }

    private bool MayBeFollowed(string file, TreeMap root)
    {
        if (KustomizationFile.MisspeltIn(root) is not { } key) return true;
        _builder.Fault(file, $"the key '{Shown(key)}' is written otherwise than kustomize documents it");
        return false;
    }

    private async Task FollowAsync(string directory, string from, KustomizationReference reference)
    {
        if (_builder.HasFaults && _seen.Count > MaxDirectories) return;
        if (reference.Kind == ReferenceKind.InlinePlugin)
        {
            var (roots, fault) = YamlTrees.Read(Encoding.UTF8.GetBytes(reference.Text), _builder.Request.Limits);
            if (fault is not null) _builder.Fault(from, $"{reference.Field}: {fault}");
            else await FollowPluginAsync(directory, from, reference, roots);
            return;
        }
        var isRemote = KustomizationFile.IsRemote(reference.Text);
        var path = RepositoryPaths.Join(directory, reference.Text);
        if (path is null && !isRemote)
        {
            _builder.Fault(from, $"{reference.Field}: '{Shown(reference.Text)}' is not inside the repository");
            return;
        }
        var found = path is null || reference.Text.Contains("://", StringComparison.Ordinal) ? null : await _builder.FindAsync("", path, from);
        if (found is null || (isRemote && found.Kind == TreeEntryKind.Tree)) JudgeMissing(from, reference, isRemote);
        else if (found.Kind == TreeEntryKind.Tree) FollowDirectory(from, reference, path!, found);
        else if (reference.Kind == ReferenceKind.Directory) _builder.Fault(from, $"{reference.Field}: '{Shown(reference.Text)}' is a file, not a directory");
        else await FollowFileAsync(directory, reference, path!, found);
    }

    private void FollowDirectory(string from, KustomizationReference reference, string path, Found found)
    {
        if (reference.Kind == ReferenceKind.File)
        {
            _builder.Fault(from, $"{reference.Field}: '{Shown(reference.Text)}' is a directory, not a file");
            return;
        }
        _builder.Link(path, found);
        Visit(new Visited(found.Path, reference.Kind == ReferenceKind.Plugin));
    }

    private async Task FollowFileAsync(string directory, KustomizationReference reference, string path, Found found)
    {
        _builder.Add(path, found);
        if (reference.Kind == ReferenceKind.Plugin && await ReadAsync(found) is { } roots) await FollowPluginAsync(directory, found.Path, reference, roots);
    }

    private async Task FollowPluginAsync(string directory, string from, KustomizationReference reference, IReadOnlyList<TreeNode> roots)
    {
        foreach (var root in roots.OfType<TreeMap>().Where(root => MayBeFollowed(from, root)))
        {
            if (KustomizationFile.IsProgram(root))
                _builder.Fault(from, $"{reference.Field}: plugins that are programs or containers are never run");
            foreach (var inner in KustomizationFile.ReferencesOfPlugin(root)) await FollowAsync(directory, from, inner);
        }
    }

    private void JudgeMissing(string from, KustomizationReference reference, bool isRemote)
    {
        var shown = Shown(reference.Text);
        if (!isRemote)
            _builder.Fault(from, $"{reference.Field}: '{shown}' does not exist");
        else if (!_builder.Request.Context.Permissions.RemoteBases)
            _builder.Fault(from, $"{reference.Field}: '{shown}' is not in the repository, and it may not fetch from elsewhere (an administrator can set spec.rendering.remoteBases on the Repository)");
        else if (!KustomizationFile.IsFetchable(reference.Text))
            _builder.Fault(from, $"{reference.Field}: '{shown}' is refused: only https and http are fetched");
    }

    private async Task<IReadOnlyList<TreeNode>?> ReadAsync(Found file)
    {
        if (await _builder.ContentAsync(file) is not { } content) return null;
        var (roots, fault) = YamlTrees.Read(content, _builder.Request.Limits);
        if (fault is not null) _builder.Fault(file.Path, fault);
        return fault is null ? roots : null;
    }

    /// <summary>User info in a URL may be a secret.</summary>
    private static string Shown(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var shown = scheme >= 0 && at > scheme ? $"{text[..(scheme + 3)]}…{text[at..]}" : text;
        return new StringBuilder(shown.Length <= 200 ? shown : shown[..197] + "...").Replace('\n', ' ').ToString();
    }
}
