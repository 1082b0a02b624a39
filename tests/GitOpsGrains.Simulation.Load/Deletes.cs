using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Load;

/// <summary>What a deletion costs with the controllers at work, who look for dependents of what is gone: as many deletions among ever more objects.</summary>
internal static class Deletes
{
    public static async Task RunAsync(LoadOptions options)
    {
        foreach (var objects in (int[])[options.Objects, options.Objects * 4, options.Objects * 16])
        {
            await using var fleet = await FleetProcess.StartAsync(1, hasControllers: true);
            var clients = await fleet.ConnectAsync(1);
            await Applies.FillAsync(clients, options with { Clusters = 1, Objects = objects }, 0);
            await RestAsync(clients[0], "filled");
            var before = fleet.Cpu;
            for (var number = 0; number < Math.Min(options.Requests, objects); number++)
                (await clients[0].DeleteAsync(LoadObjects.Path(options.Kind, number))).EnsureSuccessStatusCode();
            await RestAsync(clients[0], "deleted");
            var cost = (fleet.Cpu - before).TotalMicroseconds / Math.Min(options.Requests, objects);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"deletes, {options.Kind}, {objects} objects: processor time of the fleet {cost:0.0} µs each"));
            clients[0].Dispose();
        }
    }

    /// <summary>Controllers work in turn: when the newest workload is ready, all that came before is done.</summary>
    private static async Task RestAsync(HttpClient client, string name)
    {
        using var body = new StringContent(
            $$$"""{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"{{{name}}}"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"a"}]} } } }""",
            Encoding.UTF8, "application/json");
        const string Path = "apis/apps/v1/namespaces/kube-system/daemonsets";
        (await client.PostAsync(Path, body)).EnsureSuccessStatusCode();
        using var watch = await client.GetStreamAsync($"{Path}?watch=true&fieldSelector=metadata.name%3D{name}");
        using var lines = new StreamReader(watch);
        while (await lines.ReadLineAsync() is { } line)
            if (JsonElement.Parse(line).GetProperty("object").GetProperty("status").TryGetProperty("numberReady", out _)) return;
    }
}
