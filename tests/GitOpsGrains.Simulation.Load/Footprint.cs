using System.Globalization;

namespace GitOpsGrains.Simulation.Load;

/// <summary>What clusters and objects cost in memory.</summary>
internal static class Footprint
{
    public static async Task RunAsync(LoadOptions options)
    {
        long baseHeap, baseResident;
        await using (var empty = await FleetProcess.StartAsync(1))
        {
            baseHeap = (await empty.CollectAsync()).Heap;
            baseResident = empty.Resident;
        }

        await using var fleet = await FleetProcess.StartAsync(options.Clusters);
        var (idle, _) = await fleet.CollectAsync();
        Print("idle cluster", idle - baseHeap, fleet.Resident - baseResident, options.Clusters);
        var clients = await fleet.ConnectAsync(options.Clusters);
        await Task.WhenAll(clients.Select(static client => client.GetStringAsync("api/v1/namespaces/default")));
        var (connected, _) = await fleet.CollectAsync();
        Print("connection", connected - idle, 0, options.Clusters);
        foreach (var client in clients) client.Dispose();

        var before = (await fleet.CollectAsync()).Heap;
        foreach (var kind in (string[])["configmap", "deployment"])
        {
            var fresh = await fleet.ConnectAsync(options.Clusters);
            await Applies.FillAsync(fresh, options with { Kind = kind, Objects = options.Objects / 2 }, 0);
            foreach (var client in fresh) client.Dispose();
            var after = (await fleet.CollectAsync()).Heap;
            Print(kind, after - before, 0, options.Clusters * (options.Objects / 2));
            before = after;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resident: {fleet.Resident / 1048576.0:0} MB"));
    }

    private static void Print(string what, long heap, long resident, int count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {heap / (double)count:0} B of heap each{(resident > 0 ? $", {resident / (double)count:0} B resident" : "")} ({count} of them)"));
}
