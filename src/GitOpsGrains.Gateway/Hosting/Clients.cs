using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Gateway.Auth;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// Who is counted as one client: a token that was found to be somebody's, and all others of one address together. Asks no silo: it
/// is looked at before anything else of a request.
/// </summary>
internal sealed class Clients(TokenVerdicts verdicts)
{
    public string NameOf(HttpContext context) =>
        PresentedToken.Of(context).Hash is { } token && verdicts.Remembers(token) ? token : AddressOf(context.Connection.RemoteIpAddress);

    /// <summary>Whoever has one IPv6 address has its whole /64.</summary>
    public static string AddressOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}
