using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Connections that are opened and say nothing, or little: real ones, of two addresses of this machine.</summary>
public sealed class OpenConnectionsTests : IAsyncLifetime
{
    private const int Limit = 6000;
    private const int Opened = 5000;
    private const long MaxGrowth = 100L * 1024 * 1024;
    private static readonly IPAddress Greedy = IPAddress.Loopback;
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(5);

    /// <summary>15 s are given for headers; they are looked at each second.</summary>
    private static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(20);

    private readonly List<Socket> _sockets = [];
    private SiloProcess _silo = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ThousandsThatSayNothing_TakeHalfAndEveryOtherAddressIsServed()
    {
        using var other = From(Other);
        await AnswersAsync(other);
        var before = _silo.ResidentBytes;
        for (var count = 0; count < Opened; count++) await OpenAsync();

        var metrics = await Eventually.GetAsync(() => MetricsAsync(other), now => now.Open + now.Refused >= Opened, "all of them accepted or refused");
        // Those of this one, and at most a few of the fixture's own.
        Assert.InRange(metrics.Open, (Limit / 2) + 1, (Limit / 2) + 1);
        Assert.InRange(metrics.Refused, Opened - (Limit / 2), Opened - (Limit / 2) + 5);
        await Eventually.TrueAsync(() => _sockets.Count(IsClosed) >= Opened - (Limit / 2), "the refused ones closed");
        await AnswersAsync(other);
        using (var own = From(Greedy)) await Assert.ThrowsAsync<HttpRequestException>(() => own.GetAsync("readyz", Stop));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Limit / 2} idle connections: {before >> 20} → {_silo.ResidentBytes >> 20} MB");
        Assert.InRange(_silo.ResidentBytes - before, long.MinValue, MaxGrowth);

        foreach (var socket in _sockets) socket.Dispose();
        await Eventually.TrueAsync(async () => (await MetricsAsync(other)).Open <= 3, "their places free");
        using var again = From(Greedy);
        await AnswersAsync(again);
    }

    [Fact]
    public async Task HeadersThatComeByteByByte_AreCutOff()
    {
        for (var count = 0; count < 300; count++)
        {
            await OpenAsync();
            await _sockets[^1].SendAsync(Encoding.ASCII.GetBytes("GET /api/v1/applications HTTP/1.1\r\nHost: gitops\r\nX-Slow: "), Stop);
        }
        var begun = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!_sockets.TrueForAll(IsAnswered) && Stopwatch.GetElapsedTime(begun) < HeadersTime)
        {
            foreach (var socket in _sockets.Where(socket => !IsAnswered(socket))) await SendMoreAsync(socket);
            await pause.WaitForNextTickAsync(Stop);
        }

        var buffer = new byte[64];
        foreach (var socket in _sockets)
            Assert.StartsWith("HTTP/1.1 408 ", Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Stop)), StringComparison.Ordinal);
        using var other = From(Other);
        await Eventually.TrueAsync(async () => (await MetricsAsync(other)).Open <= 3, "their places free");
    }

    public async ValueTask InitializeAsync() =>
        _silo = await SiloProcess.StartNewAsync(new Dictionary<string, string> { ["Http__Connections"] = Limit.ToString(CultureInfo.InvariantCulture) });

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Dispose();
        await _silo.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        var socket = NewSocket(Greedy);
        _sockets.Add(socket);
        await socket.ConnectAsync(IPAddress.Loopback, _silo.Url.Port, Stop);
    }

    private static async Task SendMoreAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync(new byte[] { (byte)'x' }, Stop);
        }
        catch (SocketException)
        {
            // It was cut off just now; what it was told is still to be read.
        }
    }

    private static async Task AnswersAsync(HttpClient http)
    {
        var asked = Stopwatch.GetTimestamp();
        Assert.Equal("ok", await http.GetStringAsync("readyz", Stop));
        using var silos = await http.GetAsync("api/v1/silos", Stop);
        Assert.Equal(HttpStatusCode.OK, silos.StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, Quickly);
    }

    private static async Task<(double Open, double Refused)> MetricsAsync(HttpClient http)
    {
        var lines = (await http.GetStringAsync("metrics", Stop)).Split('\n');
        return (ValueOf("gitopsgrains_connections "), ValueOf("gitopsgrains_connections_refused_total "));

        double ValueOf(string name) => double.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
    }

    private HttpClient From(IPAddress address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = NewSocket(address);
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var http = new HttpClient(handler) { BaseAddress = _silo.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", _silo.Token);
        return http;
    }

    private static Socket NewSocket(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static bool IsAnswered(Socket socket) => socket.Poll(0, SelectMode.SelectRead);

    private static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
}
