using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Rendering.Closures;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Finds all files that a chart needs: its directory with what its links lead to, <c>file://</c> dependencies (put into
/// charts/ where helm looks for them), values files and file parameters.
/// </summary>
internal sealed class HelmClosure(ClosureBuilder builder, string chart)
{
    private const int MaxDepth = 8;

    private readonly List<ChartDependency> _remote = [];
    private bool _hasArchives;

    /// <param name="tree">What is at the source's path.</param>
    public static async Task<Closure> BuildAsync(ClosureBuilder builder, TreeEntry tree)
    {
        var chart = RepositoryPaths.Join("", builder.Request.Source.Path) ?? "";
        var root = new Found("", tree.Path, tree.Kind, tree.Id, tree.Size);
        if (tree.Kind != TreeEntryKind.Tree)
        {
            builder.ReadTree("", chart, root);
            builder.Fault(chart, "the source's path is a file, not a chart's directory");
            return builder.Build(chart, null);
        }
        return await new HelmClosure(builder, chart).BuildAsync(root);
    }

    private async Task<Closure> BuildAsync(Found root)
    {
        await AddChartAsync(chart, chart, root, 0);
        var files = new HelmFiles(builder, chart);
        var values = await files.ValuesAsync();
        var parameters = await files.ParametersAsync();
        return builder.Build(chart, new ChartPlan(chart, values, parameters, _remote, _hasArchives));
    }

    /// <param name="at">Where the chart is exported to.</param>
    /// <param name="path">Where the repository has it.</param>
    private async Task AddChartAsync(string at, string path, Found tree, int depth)
    {
        builder.ReadTree("", path, tree);
        if (await builder.ListAsync(tree) is not { } files) return;
        await AddFilesAsync(at, path, files, 0);
        var description = files.FirstOrDefault(file => file.Path == ChartFile.Name);
        if (description is null)
        {
            builder.Fault(path.Length == 0 ? "." : path, "the directory has no Chart.yaml");
            return;
        }
        foreach (var dependency in await DependenciesAsync(path, files))
            if (!ChartFile.Has(files, dependency)) await AddDependencyAsync(at, path, files, dependency, depth);
    }

    private async Task AddFilesAsync(string at, string path, IReadOnlyList<TreeEntry> files, int depth)
    {
        foreach (var file in files)
        {
            if (builder.HasFaults) return;
            var (to, from) = (RepositoryPaths.Join(at, file.Path), RepositoryPaths.Join(path, file.Path));
            if (to is null || from is null) continue;
            _hasArchives |= ChartFile.IsArchive(file.Path);
            if (file.Kind == TreeEntryKind.Blob) builder.AddAt("", to, file.Id, file.Size);
            else if (file.Kind == TreeEntryKind.SymbolicLink) await AddLinkAsync(to, from, depth);
        }
    }

    /// <summary>Helm follows links; what they lead to is exported in their place.</summary>
    private async Task AddLinkAsync(string to, string from, int depth)
    {
        if (await builder.FindAsync("", from, from) is not { } target) return;
        if (target.Kind == TreeEntryKind.Blob)
        {
            builder.AddAt("", to, target.Id, target.Size);
            return;
        }
        builder.ReadTree("", from, target);
        if (depth == MaxDepth) builder.Fault(from, "symbolic links to directories lead in circles");
        else if (await builder.ListAsync(target) is { } files) await AddFilesAsync(to, target.Path, files, depth + 1);
    }

    private async Task<IReadOnlyList<ChartDependency>> DependenciesAsync(string path, IReadOnlyList<TreeEntry> files)
    {
        var dependencies = new List<ChartDependency>();
        foreach (var name in new[] { ChartFile.Name, ChartFile.Requirements })
            if (await ReadAsync(path, name, files) is { } root) dependencies.AddRange(ChartFile.DependenciesOf(root));
        return dependencies;
    }

    /// <summary>A file of a chart as one mapping; null when there is none.</summary>
    private async Task<TreeMap?> ReadAsync(string path, string name, IReadOnlyList<TreeEntry> files)
    {
        if (!files.Any(file => file.Path == name)) return null;
        var file = RepositoryPaths.Join(path, name)!;
        if (await builder.FindAsync("", file, file) is not { Kind: TreeEntryKind.Blob } found || await builder.ContentAsync(found) is not { } content) return null;
        var (roots, fault) = YamlTrees.Read(content, builder.Request.Limits);
        if (fault is null && roots is [TreeMap root]) return root;
        builder.Fault(file, fault ?? "the file is not one mapping");
        return null;
    }

    private async Task AddDependencyAsync(string at, string path, IReadOnlyList<TreeEntry> files, ChartDependency dependency, int depth)
    {
        const string Scheme = "file://";
        var file = RepositoryPaths.Join(path, ChartFile.Name)!;
        if (!dependency.Repository.StartsWith(Scheme, StringComparison.Ordinal))
        {
            await AddRemoteAsync(file, at == chart, path, files, dependency);
            return;
        }
        var from = RepositoryPaths.Join(path, dependency.Repository[Scheme.Length..]);
        if (from is null || !RepositoryPaths.IsWritable(dependency.Name) || dependency.Name.Contains('/', StringComparison.Ordinal))
            builder.Fault(file, $"the dependency {Shown(dependency.Name)} is not inside the repository");
        else if (depth == MaxDepth)
            builder.Fault(file, $"dependencies are nested deeper than {MaxDepth}");
        else if (await builder.FindAsync("", from, file) is { Kind: TreeEntryKind.Tree } tree)
            await AddChartAsync(RepositoryPaths.Join(at, $"charts/{dependency.Name}")!, from, tree, depth + 1);
        else
            builder.Fault(file, $"the dependency {Shown(dependency.Name)} has no directory '{Shown(from)}'");
    }

    private async Task AddRemoteAsync(string file, bool isTop, string path, IReadOnlyList<TreeEntry> files, ChartDependency dependency)
    {
        var name = Shown(dependency.Name);
        if (!builder.Request.Context.Permissions.ChartDependencies)
            builder.Fault(file, $"the dependency {name} is not in charts/, and it may not be fetched (an administrator can set spec.rendering.chartDependencies on the Repository)");
        else if (!ChartFile.IsFetchable(dependency))
            builder.Fault(file, $"the dependency {name} is not in charts/, and its repository is none that is fetched: https, http or oci");
        else if (!isTop)
            builder.Fault(file, $"the dependency {name} is not in charts/; what dependencies depend on is not fetched");
        else if (!GitUrl.TryParseAny(dependency.Repository, out _, out var fault))
            builder.Fault(file, $"the dependency {name} can't be fetched: the URL of its repository {fault}");
        else if (!ChartFile.IsName(dependency.Name))
            builder.Fault(file, $"the dependency {name} can't be fetched: that is no chart's name");
        else
            AddPinned(file, name, ChartLock.Pin(dependency, await LockAsync(path, files)));
    }

    private void AddPinned(string file, string name, (ChartDependency? Pinned, string? Fault) found)
    {
        if (found.Pinned is { } pinned) _remote.Add(pinned);
        else builder.Fault(file, $"the dependency {name} {found.Fault}");
    }

    private async Task<TreeMap?> LockAsync(string path, IReadOnlyList<TreeEntry> files) =>
        await ReadAsync(path, ChartLock.Name, files) ?? await ReadAsync(path, ChartLock.OldName, files);

    private static string Shown(string text) => text.Length <= 100 ? text : text[..97] + "...";
}
