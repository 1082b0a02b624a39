using System.Text.Json;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>What is really in the cluster: a run that left anything else than the manifests say is void.</summary>
internal static class LiveObjects
{
    public static string PathOf(string space) => $"/apis/apps/v1/namespaces/{space}/deployments";

    /// <summary>The specs by name, as text.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> SpecsAsync(ApiServer server, string space) =>
        (await server.Client.GetJsonAsync(PathOf(space))).GetProperty("items").EnumerateArray()
        .ToDictionary(item => item.GetProperty("metadata").GetProperty("name").GetString()!, item => item.GetProperty("spec").GetRawText());

    /// <summary>Errors: <see cref="InvalidOperationException"/> unless there are just the Deployments 0 to count - 1, of the color.</summary>
    public static async Task VerifyAsync(ApiServer server, string space, int count, Func<int, string> color)
    {
        var specs = await SpecsAsync(server, space);
        if (specs.Count != count) throw new InvalidOperationException($"void: {specs.Count} Deployments in {space}, not {count}");
        for (var index = 0; index < count; index++)
        {
            var spec = JsonDocument.Parse(specs[Podinfo.Name(index)]).RootElement;
            if (ColorOf(spec) != color(index) || spec.GetProperty("replicas").GetInt32() != 0)
                throw new InvalidOperationException($"void: {space}/{Podinfo.Name(index)} is not as in Git: {spec}");
        }
    }

    /// <summary>Both contenders made the same of the same manifests.</summary>
    public static async Task VerifySameAsync(ApiServer server, string left, string right)
    {
        var (ours, theirs) = (await SpecsAsync(server, left), await SpecsAsync(server, right));
        if (ours.Count != theirs.Count || ours.Any(spec => theirs.GetValueOrDefault(spec.Key) != spec.Value))
            throw new InvalidOperationException($"void: {left} and {right} differ");
    }

    public static string? ColorOf(JsonElement spec) =>
        spec.GetProperty("template").GetProperty("spec").GetProperty("containers")[0].GetProperty("env")[0].GetProperty("value").GetString();

    public static Task EmptyAsync(ApiServer server, string space) => server.Client.DeleteAsync(PathOf(space));
}
