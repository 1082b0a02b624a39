using System.Net;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Git.Credentials;

/// <summary>The proxy of one repository, with the hosts that are reached without it.</summary>
internal sealed class RepositoryProxy : IWebProxy
{
    private readonly Uri _proxy;
    private readonly IReadOnlyList<string> _direct;

    public RepositoryProxy(ProxySpec spec, string? password)
    {
        (_proxy, _direct) = (new Uri(spec.Url), spec.NoProxy);
        if (password is not null) Credentials = new NetworkCredential(spec.Username, password);
    }

    public ICredentials? Credentials { get; set; }

    public Uri GetProxy(Uri destination) => _proxy;

    public bool IsBypassed(Uri host) => _direct.Any(pattern => Matches(pattern, host.Host));

    private static bool Matches(string pattern, string host)
    {
        var suffix = pattern.StartsWith("*.", StringComparison.Ordinal) ? pattern[1..] : pattern;
        return suffix.StartsWith('.')
            ? host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            : string.Equals(host.Trim('[', ']'), suffix, StringComparison.OrdinalIgnoreCase);
    }
}
