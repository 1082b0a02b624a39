using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GitOpsGrains.Testing.Kubernetes;

public static class FreePort
{
    /// <summary>Below those that Linux gives to outgoing connections: a test that makes thousands would take a port before its server begins.</summary>
    private const int First = 20_000, Last = 32_700;

    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>A TCP port of the loopback interface that nobody listens on now, and that this process was not given before.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            if (!Given.TryAdd(port, true)) continue;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }
}
