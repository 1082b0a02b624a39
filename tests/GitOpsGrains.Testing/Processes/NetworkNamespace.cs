using System.Net.Sockets;
using System.Runtime.InteropServices;
using GitOpsGrains.Testing.Kubernetes;
using Xunit.v3;

namespace GitOpsGrains.Testing.Processes;

/// <summary>
/// A network of its own for processes of a test. Only what is handed in and out of its loopback interface by <see cref="Offer"/> and
/// <see cref="Reach"/> gets through, and what <see cref="LinkAsync"/> joins. For root; another user's test is skipped.
/// </summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000;

    private readonly List<TcpRelay> _relays = [];

    private NetworkNamespace(string name) => Name = name;

    public string Name { get; }

    /// <summary>What runs a program in it.</summary>
    public IReadOnlyList<string> Prefix => [Tools.Require("ip"), "netns", "exec", Name];

    /// <summary>An empty one, with a loopback interface.</summary>
    /// <exception cref="ToolMissingException">This user may not make one.</exception>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        var made = new NetworkNamespace($"gog-{Guid.NewGuid():N}"[..12]);
        try
        {
            await IpAsync("netns", "add", made.Name);
        }
        catch (InvalidOperationException refused) when (!Tools.IsContinuousIntegration)
        {
            throw new ToolMissingException($"{DynamicSkipToken.Value}no network can be made here: {refused.Message}");
        }
        await IpAsync("-n", made.Name, "link", "set", "lo", "up");
        return made;
    }

    /// <summary>Of one of two that a cable joins.</summary>
    /// <param name="end">0 or 1.</param>
    public static string AddressOf(int end) => $"10.77.0.{end + 1}";

    /// <summary>A cable between two.</summary>
    public static async Task LinkAsync(NetworkNamespace first, NetworkNamespace second)
    {
        await IpAsync("link", "add", "cable", "netns", first.Name, "type", "veth", "peer", "name", "cable", "netns", second.Name);
        foreach (var (end, number) in new[] { (first, 0), (second, 1) })
        {
            await IpAsync("-n", end.Name, "address", "add", $"{AddressOf(number)}/24", "dev", "cable");
            await IpAsync("-n", end.Name, "link", "set", "cable", "up");
        }
    }

    /// <summary>Pulls the cable out, or puts it in again. What is sent meanwhile is lost, and nobody is told.</summary>
    public Task SetCableAsync(bool isIn) => isIn ? IpAsync("-n", Name, "link", "set", "cable", "up") : IpAsync("-n", Name, "link", "set", "cable", "down");

    /// <summary>Within it, this port of 127.0.0.1 is the one outside.</summary>
    public TcpRelay Offer(int port) => Keep(new TcpRelay(Within(() => TcpRelay.Bound(port)), () => TcpRelay.ConnectAsync(TcpRelay.NewSocket(), port)));

    /// <summary>Outside, this port of 127.0.0.1 is the one within.</summary>
    public TcpRelay Reach(int port) => Keep(new TcpRelay(TcpRelay.Bound(port), () => TcpRelay.ConnectAsync(Within(TcpRelay.NewSocket), port)));

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays) relay.Dispose();
        await IpAsync("netns", "delete", Name);
    }

    private TcpRelay Keep(TcpRelay relay)
    {
        _relays.Add(relay);
        return relay;
    }

    /// <summary>A socket belongs to the network of the thread that made it, whoever uses it; the thread ends with that.</summary>
    private Socket Within(Func<Socket> make)
    {
        Socket? made = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var network = File.OpenHandle($"/run/netns/{Name}");
                if (Enter(network.DangerousGetHandle().ToInt32(), NewNetwork) != 0) throw new InvalidOperationException($"entering the network {Name} failed: {Marshal.GetLastPInvokeError()}");
                made = make();
            }
#pragma warning disable CA1031 // Thrown again on the thread that asked.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw new InvalidOperationException($"no socket in the network {Name}", failure);
    }

    private static async Task IpAsync(params string[] arguments)
    {
        using var running = await OwnedProcess.StartAsync(Tools.Require("ip"), arguments);
        if (await running.WaitForExitAsync() != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {running.Output}");
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Enter(int descriptor, int kind);
}
