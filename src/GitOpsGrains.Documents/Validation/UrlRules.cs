namespace GitOpsGrains.Documents.Validation;

/// <summary>URLs of repositories. The URL itself is never repeated: it may hold a password.</summary>
internal static class UrlRules
{
    /// <summary>The URL taken apart, or null after its fault was told.</summary>
    public static GitUrl? Check(Rules rules, string path, string text) =>
        Judge(rules, path, GitUrl.TryParse(text, out var url, out var fault) ? url : null, fault);

    /// <summary>As <see cref="Check"/>, of what credentials are for: a registry of charts as well.</summary>
    public static GitUrl? CheckAny(Rules rules, string path, string text) =>
        Judge(rules, path, GitUrl.TryParseAny(text, out var url, out var fault) ? url : null, fault);

    /// <summary>As <see cref="Check"/>, of something that has no Git repository's path.</summary>
    public static void CheckService(Rules rules, string path, string text)
    {
        if (!GitUrl.TryParse(text, out var url, out var fault)) rules.Fault(path, fault);
        else if (!url.IsHttp) rules.Fault(path, "must begin with https:// or http://");
    }

    private static GitUrl? Judge(Rules rules, string path, GitUrl? url, string? fault)
    {
        if (url is null) rules.Fault(path, fault!);
        else if (url.IsFile) rules.File(path, url.Path);
        return url;
    }
}
