namespace GitOpsGrains.Documents.Validation;

/// <summary>URLs of repositories. The URL itself is never repeated: it may hold a password.</summary>
internal static class UrlRules
{
    public static void Check(Rules rules, string path, string url)
    {
        if (!rules.Required(path, url)) return;
        rules.PlainText(path, url, 2048);
        var mark = url.IndexOf("://", StringComparison.Ordinal);
        var scheme = mark > 0 ? url[..mark] : "";
        if (scheme is "ssh" or "git+ssh" || (mark < 0 && IsScp(url))) rules.NotYet(path, "ssh");
        else if (scheme == "file") CheckFile(rules, path, url[(mark + 3)..]);
        else if (scheme is "https" or "http") CheckHttp(rules, path, url);
        else rules.Fault(path, "must begin with https://, http:// or file://");
    }

    private static void CheckHttp(Rules rules, string path, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            rules.Fault(path, "not a URL");
            return;
        }

        if (uri.UserInfo.Length > 0 || AuthorityOf(url).Contains('@', StringComparison.Ordinal)) rules.Fault(path, "must not hold a user name or password; use credentials");
        if (url.AsSpan().ContainsAny('?', '#')) rules.Fault(path, "must not hold a query or fragment");
    }

    private static void CheckFile(Rules rules, string path, string rest)
    {
        if (rest.Contains('%', StringComparison.Ordinal)) rules.Fault(path, "must not hold percent escapes");
        else if (rest.StartsWith('/')) rules.File(path, rest);
        else rules.Fault(path, "a file URL has no host: file:///path");
    }

    private static string AuthorityOf(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = url.AsSpan(start).IndexOfAny("/?#\\");
        return end < 0 ? url[start..] : url.Substring(start, end);
    }

    /// <summary>host:path or user@host:path.</summary>
    private static bool IsScp(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && !url.AsSpan(0, colon).Contains('/');
    }
}
