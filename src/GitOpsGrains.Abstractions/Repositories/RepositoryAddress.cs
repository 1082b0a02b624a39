using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>
/// One form for all URLs of a repository: host and path, without scheme, user, default port, case and ".git". Two URLs of
/// one form are polled together, so that folding too much costs a request and folding too little loses news.
/// </summary>
public static class RepositoryAddress
{
    private const int MaxLength = 2048;
    private const string Azure = "dev.azure.com";

    /// <summary>Of a https, http, ssh, git or file URL, or of git's short form user@host:path; null when the text is none.</summary>
    public static string? Of(string url)
    {
        if (url.Length is 0 or > MaxLength || url.Any(char.IsControl)) return null;
        if (!url.Contains("://", StringComparison.Ordinal)) return OfShortForm(url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) return null;
        if (uri.Scheme is not ("https" or "http" or "ssh" or "git+ssh" or "git" or "file")) return null;
        if (uri.Host.Length == 0 && uri.Scheme != "file") return null;
        var host = uri.Scheme == "file" ? "file:" : uri.IdnHost.ToLowerInvariant();
        var port = uri.Port is -1 or 22 or 80 or 443 or 9418 ? "" : $":{uri.Port}";
        return Of(host + port, uri.AbsolutePath);
    }

    /// <summary>Of the grain that knows the repositories with this address.</summary>
    public static string KeyOf(string address) => Digest.Of(address).ToString()[..32];

    private static string? OfShortForm(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || url.AsSpan(0, colon).Contains('/')) return null;
        return Of(url[(url[..colon].LastIndexOf('@') + 1)..colon].ToLowerInvariant(), url[(colon + 1)..]);
    }

    private static string? Of(string host, string path)
    {
        var plain = Uri.UnescapeDataString(path).ToLowerInvariant().Trim('/');
        if (plain.EndsWith(".git", StringComparison.Ordinal)) plain = plain[..^4].TrimEnd('/');
        if (host.Length == 0 || plain.Length == 0) return null;
        return OfAzure(host, plain) ?? $"{host}/{plain}";
    }

    /// <summary>Azure DevOps has four hosts and two forms of path for one repository; its news names only one of them.</summary>
    private static string? OfAzure(string host, string path)
    {
        var parts = path.Split('/');
        var old = host.EndsWith(".visualstudio.com", StringComparison.Ordinal);
        if (parts is ["v3", var organization, var project, var name] && (host == "ssh." + Azure || host == "vs-ssh.visualstudio.com"))
            return $"{Azure}/{organization}/{project}/_git/{name}";
        if (old && parts[0] == "defaultcollection") parts = parts[1..];
        var account = host.Split('.')[0];
        return (old, parts) switch
        {
            (true, [var area, "_git", var repository]) => $"{Azure}/{account}/{area}/_git/{repository}",
            (true, ["_git", var repository]) => $"{Azure}/{account}/{repository}/_git/{repository}",
            _ when host == Azure && parts is [var owner, "_git", var repository] => $"{Azure}/{owner}/{repository}/_git/{repository}",
            _ => null,
        };
    }
}
