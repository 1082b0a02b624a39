using System.Net;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>How one repository of charts is reached, with the secrets as they are now. Lives for one fetch, and is no record: those print what they hold.</summary>
internal sealed class ChartAccess
{
    public required GitUrl Url { get; init; }

    /// <summary>As the chart writes it.</summary>
    public required string Text { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>PEM.</summary>
    public string? Ca { get; init; }

    /// <summary>Certificate and key, PEM.</summary>
    public string? ClientCertificate { get; init; }

    public ProxySpec? Proxy { get; init; }

    public string? ProxyPassword { get; init; }

    /// <summary>The host and port as helm looks them up in a registry's settings.</summary>
    public string Authority => Text.Split("://", 2)[1].Split('/', 2)[0];

    /// <summary>A registry on this machine has no certificate, unless there is an authority for it.</summary>
    public bool IsPlainHttp => Url.IsRegistry && Ca is null && (Url.Host == "localhost" || (IPAddress.TryParse(Url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));

    /// <summary>What no message may repeat.</summary>
    public IEnumerable<string> Secrets
    {
        get
        {
            foreach (var secret in new[] { Password, ProxyPassword })
            {
                if (string.IsNullOrEmpty(secret)) continue;
                yield return secret;
                yield return Uri.EscapeDataString(secret);
            }
        }
    }
}
