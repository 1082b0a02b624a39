using System.Diagnostics.CodeAnalysis;

namespace GitOpsGrains.Documents;

/// <summary>
/// A repository's URL, or the prefix of some, taken apart once for everybody who judges it: what may be reached, and which
/// credentials it may be given. https, http, ssh (also as <c>user@host:path</c>) and file, and oci where charts are meant as
/// well; at most 2048 characters.
/// </summary>
public sealed record GitUrl
{
    public const int MaxLength = 2048;
    internal const string NoPassword = "must not hold a user name or password; use credentials";
    internal const string Schemes = "must begin with https://, http://, ssh:// or file://, or be user@host:path";
    private const int SshPort = 22;
    private const string Registry = "oci";

    private GitUrl(string scheme, string host, int port, string path, IReadOnlyList<string> segments) =>
        (Scheme, Host, Port, Path, Segments) = (scheme, host, port, path, segments);

    /// <summary>https, http, ssh, file or oci.</summary>
    public string Scheme { get; }

    /// <summary>Of ssh; null when the URL names none.</summary>
    public string? User { get; private init; }

    /// <summary>In lower case; "" for file.</summary>
    public string Host { get; }

    /// <summary>The scheme's own where the URL names none; 0 for file.</summary>
    public int Port { get; }

    /// <summary>As the server is asked for it: "/team/app.git", for ssh also "team/app.git" and "~user/app.git", relative to a home.</summary>
    public string Path { get; }

    /// <summary>The path's parts without escapes; none is empty, "." or "..".</summary>
    public IReadOnlyList<string> Segments { get; }

    public bool IsHttp => Scheme is "https" or "http";

    public bool IsSsh => Scheme == "ssh";

    public bool IsFile => Scheme == "file";

    /// <summary>A registry of charts, which speaks https.</summary>
    public bool IsRegistry => Scheme == Registry;

    /// <summary>Reads a URL. Faults never repeat it: it may hold a password.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out GitUrl? url, [NotNullWhen(false)] out string? fault)
    {
        (url, fault) = Parse(text);
        return url is not null;
    }

    /// <summary>As <see cref="TryParse"/>, but registries of charts (<c>oci://</c>) are read as well: what credentials may be given for.</summary>
    public static bool TryParseAny(string text, [NotNullWhen(true)] out GitUrl? url, [NotNullWhen(false)] out string? fault)
    {
        const string Start = Registry + "://";
        if (!text.StartsWith(Start, StringComparison.Ordinal)) return TryParse(text, out url, out fault);
        (url, fault) = Parse("https://" + text[Start.Length..]);
        if (url is not null) url = new GitUrl(Registry, url.Host, url.Port, url.Path, url.Segments);
        return url is not null;
    }

    /// <summary>
    /// Whether this lies below a prefix: same scheme, host, port and, where the prefix names one, user; the prefix's path ends
    /// where a part of this path ends.
    /// </summary>
    public bool IsBelow(GitUrl prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Scheme == prefix.Scheme && Host == prefix.Host && Port == prefix.Port
            && (prefix.User is null || prefix.User == User)
            && Segments.Count >= prefix.Segments.Count && Segments.Take(prefix.Segments.Count).SequenceEqual(prefix.Segments, StringComparer.Ordinal);
    }

    private static (GitUrl? Url, string? Fault) Parse(string text)
    {
        if (text.Length is 0 or > MaxLength) return (null, text.Length == 0 ? "required" : $"longer than {MaxLength} characters");
        if (text.Any(char.IsControl)) return (null, "holds a control character");
        var mark = text.IndexOf("://", StringComparison.Ordinal);
        return (mark > 0 ? text[..mark] : "") switch
        {
            "https" or "http" => ParseHttp(text, mark + 3),
            "ssh" or "git+ssh" or "ssh+git" => ParseSsh(text[(mark + 3)..]),
            "file" => ParseFile(text[(mark + 3)..]),
            "" when mark < 0 => ParseScp(text),
            _ => (null, Schemes),
        };
    }

    private static (GitUrl? Url, string? Fault) ParseHttp(string text, int start)
    {
        var end = text.AsSpan(start).IndexOfAny("/?#\\");
        var authority = end < 0 ? text[start..] : text.Substring(start, end);
        if (authority.Contains('@', StringComparison.Ordinal)) return (null, NoPassword);
        if (text.AsSpan().ContainsAny('?', '#')) return (null, "must not hold a query or fragment");
        if (text.AsSpan().ContainsAny('\\', ' ') || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0) return (null, "not a URL");
        if (Split(end < 0 ? "" : text[(start + end)..], unescape: true) is not { } segments) return (null, ImpossiblePath);
        return (new GitUrl(uri.Scheme, uri.IdnHost.ToLowerInvariant(), uri.Port, uri.AbsolutePath, segments), null);
    }

    private static (GitUrl? Url, string? Fault) ParseSsh(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (authority, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[slash..]);
        var at = authority.LastIndexOf('@');
        var (user, place) = at < 0 ? (null, authority) : (authority[..at], authority[(at + 1)..]);
        var port = SshPort;
        var colon = place.LastIndexOf(':');
        if (colon > place.LastIndexOf(']') && (!int.TryParse(place.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out port) || port is 0 or > 65535))
            return (null, "the port is none");
        var host = colon > place.LastIndexOf(']') ? place[..colon] : place;
        return Ssh(user, host, port, path.StartsWith("/~", StringComparison.Ordinal) ? path[1..] : path);
    }

    /// <summary>host:path or user@host:path; the path is relative to the user's home unless it begins with '/'.</summary>
    private static (GitUrl? Url, string? Fault) ParseScp(string text)
    {
        var colon = text.StartsWith('[') || text.Contains("@[", StringComparison.Ordinal)
            ? text.IndexOf("]:", StringComparison.Ordinal) + 1
            : text.IndexOf(':', StringComparison.Ordinal);
        // "transport::address" is how git names helper programs.
        if (colon <= 0 || text.AsSpan(0, colon).Contains('/') || text.AsSpan(colon).StartsWith("::")) return (null, Schemes);
        var at = text.LastIndexOf('@', colon);
        return Ssh(at < 0 ? null : text[..at], text[(at + 1)..colon], SshPort, text[(colon + 1)..]);
    }

    private static (GitUrl? Url, string? Fault) Ssh(string? user, string host, int port, string path)
    {
        if (user is not null && user.Contains(':', StringComparison.Ordinal)) return (null, "must not hold a password; use credentials");
        if (user is not null && !IsWord(user, "._-+")) return (null, "the user is none");
        var name = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (!IsWord(name, name == host ? ".-_" : ":.")) return (null, "the host is none");
        if (path.AsSpan().ContainsAny("%\\ ")) return (null, ImpossiblePath);
        if (Split(path, unescape: false) is not { } segments) return (null, ImpossiblePath);
        return (new GitUrl("ssh", name.ToLowerInvariant(), port, path, segments) { User = user }, null);
    }

    private static (GitUrl? Url, string? Fault) ParseFile(string path)
    {
        if (path.Contains('%', StringComparison.Ordinal)) return (null, "must not hold percent escapes");
        if (!path.StartsWith('/')) return (null, "a file URL has no host: file:///path");
        return Split(path, unescape: false) is { } segments
            ? (new GitUrl("file", "", 0, path, segments), null)
            : (null, "must be an absolute path without '.' and '..' parts");
    }

    private const string ImpossiblePath = "the path holds an empty part, '.' or '..', or such as an escape";

    /// <summary>The parts of a path, whose first and last '/' say nothing; null when one could mean another place than it shows.</summary>
    private static string[]? Split(string path, bool unescape)
    {
        var inner = path.StartsWith('/') ? path[1..] : path;
        if (inner.EndsWith('/')) inner = inner[..^1];
        if (inner.Length == 0) return [];
        var segments = inner.Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (unescape) segments[i] = Uri.UnescapeDataString(segments[i]);
            if (segments[i] is "" or "." or ".." || segments[i].AsSpan().ContainsAny('/', '\\', '%') || segments[i].Any(char.IsControl)) return null;
        }
        return segments;
    }

    /// <summary>Letters, digits and the given signs, not beginning with '-': what a program can't take for an option.</summary>
    private static bool IsWord(string text, string signs) =>
        text.Length is > 0 and <= 253 && text[0] != '-' && text.All(letter => char.IsAsciiLetterOrDigit(letter) || signs.Contains(letter, StringComparison.Ordinal));
}
