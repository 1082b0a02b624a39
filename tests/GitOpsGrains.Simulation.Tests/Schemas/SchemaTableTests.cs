using System.Text.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Tests.Schemas;

/// <summary>kubernetes.txt, derived anew from the server that it was read from.</summary>
[Collection(RealServer.Name)]
public sealed class SchemaTableTests(RealServer real)
{
    /// <summary>What the table says of today's servers and 1.20 did not: it is atomic since.</summary>
    private static readonly string[] AtomicSince =
    [
        "core.v1.ObjectReference", "core.v1.LocalObjectReference", "core.v1.TypedLocalObjectReference", "core.v1.ScopeSelector", "core.v1.SecretReference", "core.v1.NodeSelector", "core.v1.NodeSelectorTerm",
        "core.v1.ConfigMapKeySelector", "core.v1.ObjectFieldSelector", "core.v1.ResourceFieldSelector", "core.v1.SecretKeySelector",
    ];

    private static readonly Dictionary<string, string> FieldsSince = new()
    {
        ["core.v1.PodSpec nodeSelector {}s"] = "core.v1.PodSpec nodeSelector !{}s",
        ["core.v1.ServiceSpec selector {}s"] = "core.v1.ServiceSpec selector !{}s",
        // A struct without fields, which is owned as one nevertheless.
        ["apiextensions.v1.CustomResourceSubresources status *"] = "apiextensions.v1.CustomResourceSubresources status @apiextensions.v1.CustomResourceSubresourceStatus",
    };

    /// <summary>Served under a later version than 1.20 did: group and the version there.</summary>
    private static readonly Dictionary<string, string> VersionThen = new() { ["batch/cronjobs"] = "v1beta1", ["autoscaling/horizontalpodautoscalers"] = "v2beta2", ["policy/poddisruptionbudgets"] = "v1beta1", ["discovery.k8s.io/endpointslices"] = "v1beta1" };

    [Fact]
    public async Task Types_AreThoseOfTheServer_ButForWhatIsKnownToHaveChanged()
    {
        RequireServer();
        var table = new OpenApiTable(await real.Server.Client.GetJsonAsync("/openapi/v2"));
        var (expected, seen) = (new List<string>(), new List<string>());
        foreach (var (name, lines) in ReadTypes())
        {
            seen.AddRange(lines.Where(static line => !line.Contains(" +", StringComparison.Ordinal)));
            expected.AddRange((table.Lines(name) ?? [$"no type {name}"]).Select(line => AsToday(name, line)));
        }

        Assert.True(seen.Count > 1400, $"{seen.Count} lines");
        Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task FieldsThatCameLater_AreNotInTheServerThatWasRead()
    {
        RequireServer();
        var table = new OpenApiTable(await real.Server.Client.GetJsonAsync("/openapi/v2"));

        foreach (var (name, lines) in ReadTypes())
        {
            var there = table.Lines(name)!.Select(static line => line.Split(' ')[1]).ToHashSet();
            Assert.DoesNotContain(lines.Where(static line => line.Contains(" +", StringComparison.Ordinal)).Select(static line => line.Split(' ')[1].TrimStart('+')), there.Contains);
        }
    }

    [Fact]
    public async Task Kinds_AreThoseThatTheServerListsAndWatches()
    {
        RequireServer();
        var expected = new List<string>();
        foreach (var kind in SchemaTable.BuiltIn.Kinds)
        {
            var version = VersionThen.GetValueOrDefault($"{kind.Group}/{kind.Plural}", kind.Version);
            var found = (await ReadResourcesAsync(kind.Group, version)).Where(resource => resource.GetProperty("name").GetString()!.Split('/')[0] == kind.Plural).ToList();
            var main = found.First(resource => resource.GetProperty("name").GetString() == kind.Plural);
            var parts = found.Select(static resource => resource.GetProperty("name").GetString()!.Split('/').ElementAtOrDefault(1)).Where(static part => part is "status" or "scale").Order();
            var names = main.TryGetProperty("shortNames", out var all) ? all.EnumerateArray().Select(static name => name.GetString()) : [];
            expected.Add($"{kind.Group} {kind.Plural} {main.GetProperty("kind")} {main.GetProperty("namespaced")} [{string.Join(',', names)}] [{string.Join(',', parts)}]");
        }

        Assert.Equal(expected, SchemaTable.BuiltIn.Kinds.Select(static kind => $"{kind.Group} {kind.Plural} {kind.Kind} {kind.Namespaced} [{string.Join(',', kind.ShortNames)}] [{string.Join(',', kind.Subresources.Order())}]"));
    }

    [Fact]
    public async Task KindsThatAreStable_AreAllInTheTable()
    {
        RequireServer();
        var groups = (await real.Server.Client.GetJsonAsync("/apis")).GetProperty("groups").EnumerateArray()
            .SelectMany(static group => group.GetProperty("versions").EnumerateArray()).Select(static version => version.GetProperty("groupVersion").GetString()!.Split('/')).Where(static version => version[1] == "v1");
        var missing = new List<string>();
        foreach (var group in groups.Prepend(["", "v1"]))
        {
            foreach (var resource in await ReadResourcesAsync(group[0], group[1]))
            {
                var verbs = resource.GetProperty("verbs").EnumerateArray().Select(static verb => verb.GetString()).ToHashSet();
                var name = resource.GetProperty("name").GetString()!;
                if (verbs.IsSupersetOf(["list", "watch", "create"]) && !SchemaTable.BuiltIn.Kinds.Any(kind => kind.Group == group[0] && kind.Plural == name)) missing.Add($"{group[0]}/{name}");
            }
        }

        // The same events again.
        Assert.Equal(["events.k8s.io/events"], missing);
    }

    private void RequireServer() => Assert.SkipUnless(real.Server.Version == "v1.20.2", $"the table was read from v1.20.2, this server is {real.Server.Version}");

    private static string AsToday(string name, string line)
    {
        if (!line.StartsWith("type ", StringComparison.Ordinal)) return FieldsSince.GetValueOrDefault(line, line);
        return AtomicSince.Contains(name) ? line.Insert($"type {name}".Length, " !") : line;
    }

    /// <summary>Heads and fields of each type of kubernetes.txt, a line each.</summary>
    private static IEnumerable<(string Name, List<string> Lines)> ReadTypes()
    {
        using var reader = new StreamReader(typeof(SchemaTable).Assembly.GetManifestResourceStream("kubernetes.txt")!);
        (string Name, List<string> Lines)? current = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("type ", StringComparison.Ordinal))
            {
                if (current is { } done) yield return done;
                current = (line.Split(' ')[1], [line]);
            }
            else if (line.StartsWith(' ') && current is { } open)
            {
                open.Lines.Add($"{open.Name}{line}");
            }
        }

        if (current is { } last) yield return last;
    }

    private async Task<List<JsonElement>> ReadResourcesAsync(string group, string version) =>
        [.. (await real.Server.Client.GetJsonAsync(group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}")).GetProperty("resources").EnumerateArray()];
}
