using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Documents.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>Where a gateway listens.</summary>
public sealed record GatewayListeners
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxDrain = TimeSpan.FromSeconds(20);

    /// <summary>REST and UI. Setting: <c>Http:Url</c>. Default: http://127.0.0.1:8080.</summary>
    public Uri Url { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>gRPC, HTTP/2 only. Setting: <c>Grpc:Url</c>; empty: none. Default: http://127.0.0.1:8081.</summary>
    public Uri? GrpcUrl { get; init; } = new("http://127.0.0.1:8081");

    /// <summary>Requests that are worked on at once. Setting: <c>Http:AtOnce</c>, 1 to 10000. Default: 64.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>Connections that are open at once, half of them from one address. Setting: <c>Http:Connections</c>, 2 to 100000. Default: 4096.</summary>
    public int Connections { get; init; } = 4096;

    /// <summary>
    /// How long requests are still answered after the process was told to end, while <c>/readyz</c> says so. Setting:
    /// <c>Http:Drain</c>, at most 20s. Default: 5s, on loopback 0s.
    /// </summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Nobody from another machine comes in.</summary>
    public bool IsLoopback => IsLocal(Url) && (GrpcUrl is null || IsLocal(GrpcUrl));

    public static bool TryRead(IConfiguration configuration, [NotNullWhen(true)] out GatewayListeners? listeners, [NotNullWhen(false)] out string? fault)
    {
        (listeners, fault) = (new GatewayListeners(), null);
        if (configuration["Http:Url"] is { } rest)
        {
            if (Read(rest) is { } url) listeners = listeners with { Url = url };
            else fault = $"Http:Url: '{rest}' is not an http address";
        }
        if (configuration["Grpc:Url"] is { } grpc)
        {
            if (grpc.Length == 0) listeners = listeners with { GrpcUrl = null };
            else if (Read(grpc) is { } url) listeners = listeners with { GrpcUrl = url };
            else fault ??= $"Grpc:Url: '{grpc}' is not an http address";
        }
        listeners = listeners with { Drain = listeners.IsLoopback ? TimeSpan.Zero : DefaultDrain };
        listeners = listeners with
        {
            AtOnce = Number(configuration, "Http:AtOnce", 1, 10_000, ref fault) ?? listeners.AtOnce,
            Connections = Number(configuration, "Http:Connections", 2, 100_000, ref fault) ?? listeners.Connections,
        };
        if (configuration["Http:Drain"] is { Length: > 0 } drain)
        {
            if (Durations.TryParse(drain, out var time) && time >= TimeSpan.Zero && time <= MaxDrain) listeners = listeners with { Drain = time };
            else fault ??= $"Http:Drain: '{drain}' is not a duration of at most {MaxDrain.TotalSeconds:0}s";
        }
        if (listeners.GrpcUrl is { Port: not 0 } other && other.Port == listeners.Url.Port && other.Host == listeners.Url.Host) fault ??= $"Grpc:Url: {other} is the address of REST; gRPC needs one of its own";
        if (fault is not null) listeners = null;
        return fault is null;
    }

    /// <summary>Asked before the start, whose failure would tell its whole stack: the sentence for an address that is in use, else null.</summary>
    public string? Taken() => IsTaken(Url) ? Sentence(Url, "Http") : GrpcUrl is { } grpc && IsTaken(grpc) ? Sentence(grpc, "Grpc") : null;

    /// <summary>As people read it behind "on": <c>http://127.0.0.1:8080, gRPC on http://127.0.0.1:8081/</c>.</summary>
    public override string ToString() => GrpcUrl is { } grpc ? $"{Url}, gRPC on {grpc}" : Url.ToString();

    /// <summary>Endpoints as Kestrel's own settings name them, which may say more of them (certificates).</summary>
    internal void Configure(WebApplicationBuilder builder)
    {
        var endpoints = new Dictionary<string, string?> { ["Kestrel:Endpoints:Rest:Url"] = Url.ToString() };
        if (GrpcUrl is { } grpc)
        {
            endpoints["Kestrel:Endpoints:Grpc:Url"] = grpc.ToString();
            endpoints["Kestrel:Endpoints:Grpc:Protocols"] = "Http2";
        }
        builder.Configuration.AddInMemoryCollection(endpoints);
    }

    private static int? Number(IConfiguration configuration, string setting, int least, int most, ref string? fault)
    {
        if (configuration[setting] is not { Length: > 0 } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        fault ??= $"{setting}: '{text}' is not a number from {least} to {most}";
        return null;
    }

    private static Uri? Read(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static bool IsLocal(Uri url) => IPAddress.TryParse(url.Host, out var address) ? IPAddress.IsLoopback(address) : url.Host == "localhost";

    private static string Sentence(Uri url, string section) => $"{url} is in use by another process; set another address with GITOPSGRAINS__{section}__Url";

    private static bool IsTaken(Uri url)
    {
        var address = IPAddress.TryParse(url.Host, out var given) ? given : url.IsLoopback ? IPAddress.Loopback : IPAddress.Any;
        try
        {
            using var listener = new TcpListener(address, url.Port);
            listener.Start();
            return false;
        }
        catch (SocketException busy) when (busy.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
        catch (SocketException)
        {
            // Whatever else is wrong with the address, the start itself says it.
            return false;
        }
    }
}
