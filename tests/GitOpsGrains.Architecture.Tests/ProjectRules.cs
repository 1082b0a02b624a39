namespace GitOpsGrains.Architecture.Tests;

/// <summary>Which project may use which: the "|" column of the layout.</summary>
internal static class ProjectRules
{
    private const string AspNet = "Microsoft.AspNetCore.App";

    /// <summary>
    /// Projects that a project is built on. What those expose may be referred to as well (references are not transitive
    /// here). Packages end with '*' where a family is meant.
    /// </summary>
    private static readonly Dictionary<string, Allowed> Table = new()
    {
        ["Documents"] = new([], ["YamlDotNet", "Cronos", "Semver"], []),
        ["Abstractions"] = new(["Documents"], ["Microsoft.Orleans.Sdk", "Microsoft.Orleans.Serialization.SystemTextJson"], []),
        ["Engine"] = new(["Abstractions"], ["SharpYaml", "DiffPlex"], []),
        // Processes and trust, for those that reach out.
        ["Adapters"] = new([], [], []),
        ["Git"] = new(["Engine", "Adapters"], ["LibGit2Sharp"], [AspNet]),
        ["Rendering"] = new(["Engine", "Adapters"], ["DotNet.Glob"], [AspNet]),
        // The native interpreter alone: NLua's layer on top of it is a bridge from scripts to .NET.
        ["Lua"] = new(["Engine"], ["KeraLua", "YamlDotNet"], [AspNet]),
        // Kubeconfigs are YAML.
        ["Kubernetes"] = new(["Engine", "Adapters"], ["KubernetesClient", "YamlDotNet"], [AspNet]),
        ["Storage"] = new(["Abstractions"], ["Microsoft.Orleans.*", "Microsoft.Data.Sqlite", "Azure.*", "StackExchange.Redis", "Polly.Core"], [AspNet]),
        ["Tls"] = new([], ["Microsoft.Orleans.*"], []),
        ["Grains"] = new(["Abstractions", "Documents", "Engine"], ["Microsoft.Orleans.*"], [AspNet]),
        ["Gateway"] = new(["Abstractions", "Documents"], ["Microsoft.Orleans.Client", "Microsoft.AspNetCore.*", "Grpc.*", "Google.Protobuf", "prometheus-net"], [AspNet]),
        // The storage for the membership of silos alone.
        ["Gateway.Host"] = new(["Gateway", "Storage", "Tls"], ["Microsoft.Orleans.Client"], [AspNet]),
        ["Silo"] = new(["Abstractions", "Documents", "Engine", "Git", "Rendering", "Kubernetes", "Lua", "Storage", "Grains", "Gateway", "Tls", "Demo"], ["*"], [AspNet]),
        ["Cli"] = new(["Documents"], ["System.CommandLine", "Spectre.Console"], []),
        ["Simulation"] = new([], [], [AspNet]),
        // Plays on a server from outside, through REST.
        ["Demo"] = new(["Adapters", "Documents", "Simulation"], [], [AspNet]),
    };

    /// <summary>Packages with one user each.</summary>
    private static readonly Dictionary<string, string> OnlyUser = new() { ["LibGit2Sharp"] = "Git", ["KubernetesClient"] = "Kubernetes", ["Cronos"] = "Documents", ["Semver"] = "Documents", ["KeraLua"] = "Lua", ["prometheus-net"] = "Gateway" };

    private sealed record Allowed(string[] Projects, string[] Packages, string[] Frameworks);

    public static IEnumerable<string> Violations(Project project)
    {
        if (!Table.TryGetValue(project.Name, out var allowed))
        {
            yield return $"{project.Name} is not in the layout";
            yield break;
        }

        var reachable = Reachable(project.Name);
        foreach (var used in project.Projects)
            if (!reachable.Contains(used)) yield return $"{project.Name} may not use {used}";
        foreach (var used in project.Packages)
        {
            if (!allowed.Packages.Any(pattern => Matches(pattern, used))) yield return $"{project.Name} may not use the package {used}";
            else if (OnlyUser.TryGetValue(used, out var user) && user != project.Name) yield return $"only {user} uses the package {used}, not {project.Name}";
        }

        foreach (var used in project.Frameworks)
            if (!allowed.Frameworks.Contains(used)) yield return $"{project.Name} may not use the framework {used}";
    }

    private static HashSet<string> Reachable(string name)
    {
        var found = new HashSet<string>();
        var open = new Queue<string>(Table[name].Projects);
        while (open.TryDequeue(out var next))
        {
            if (!found.Add(next)) continue;
            foreach (var further in Table[next].Projects) open.Enqueue(further);
        }

        return found;
    }

    private static bool Matches(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;
}
