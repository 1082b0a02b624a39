using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace GitOpsGrains.Simulation.Load;

/// <summary>Server-side applies over HTTP/2, each of them a change: wall time, processor time on both sides, and the fleet's allocations.</summary>
internal static class Applies
{
    private static readonly MediaTypeHeaderValue Type = new("application/apply-patch+yaml");

    public static async Task RunAsync(LoadOptions options)
    {
        await using var fleet = await FleetProcess.StartAsync(options.Clusters);
        var clients = await fleet.ConnectAsync(options.Clusters);
        var total = options.Clusters * options.Objects;
        // Creates everything, and lets both sides compile what is hot.
        await SendAsync(clients, options, total, 0);
        await SendAsync(clients, options, Math.Max(total, 40_000), 1, options.Command == "reads");
        for (var round = 0; round < 3; round++) await MeasureAsync(fleet, clients, options, 2 + round * 1000);
        foreach (var client in clients) client.Dispose();
    }

    private static async Task MeasureAsync(FleetProcess fleet, IReadOnlyList<HttpClient> clients, LoadOptions options, int revision)
    {
        using var self = Process.GetCurrentProcess();
        var (_, allocated) = await fleet.CollectAsync();
        var (clock, own, theirs) = (Stopwatch.StartNew(), self.TotalProcessorTime, fleet.Cpu);
        await SendAsync(clients, options, options.Requests, revision, options.Command == "reads");
        var wall = clock.Elapsed;
        self.Refresh();
        var (client, server) = (self.TotalProcessorTime - own, fleet.Cpu - theirs);
        var bytes = (await fleet.CollectAsync()).Allocated - allocated;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Command}, {options.Kind}, {options.Clusters} clusters, {options.InFlight} in flight: {options.Requests / wall.TotalSeconds:0}/s; processor time each: fleet {server.TotalMicroseconds / options.Requests:0.0} µs, client {client.TotalMicroseconds / options.Requests:0.0} µs; fleet allocates {bytes / options.Requests} B each"));
    }

    private static async Task SendAsync(IReadOnlyList<HttpClient> clients, LoadOptions options, int requests, int revision, bool isRead = false)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, options.InFlight).Select(_ => Task.Run(async () =>
        {
            int request;
            while ((request = Interlocked.Increment(ref next)) < requests)
            {
                var at = request % (options.Clusters * options.Objects);
                await RequestAsync(clients[at % options.Clusters], options.Kind, at / options.Clusters, revision + request / (options.Clusters * options.Objects), isRead);
            }
        })));
    }

    /// <summary>Every object of every cluster once.</summary>
    public static Task FillAsync(IReadOnlyList<HttpClient> clients, LoadOptions options, int revision) => SendAsync(clients, options, options.Clusters * options.Objects, revision);

    private static async Task RequestAsync(HttpClient client, string kind, int number, int revision, bool isRead)
    {
        if (isRead)
        {
            await client.GetByteArrayAsync(LoadObjects.Path(kind, number));
            return;
        }

        await ApplyAsync(client, kind, number, revision);
    }

    /// <summary>Returns the version that the object has now.</summary>
    public static async Task<long> ApplyAsync(HttpClient client, string kind, int number, int revision)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{LoadObjects.Path(kind, number)}?fieldManager=gitopsgrains&force=true")
        {
            Version = client.DefaultRequestVersion, Content = new ByteArrayContent(LoadObjects.Body(kind, number, revision)) { Headers = { ContentType = Type } },
        };
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsByteArrayAsync();
        return ReadVersion(body);
    }

    /// <summary>Near the beginning: the whole need not be parsed, whose time would be the client's.</summary>
    private static long ReadVersion(ReadOnlySpan<byte> body)
    {
        var mark = "\"resourceVersion\":\""u8;
        var rest = body[(body.IndexOf(mark) + mark.Length)..];
        return long.Parse(rest[..rest.IndexOf((byte)'"')], CultureInfo.InvariantCulture);
    }
}
