namespace GitOpsGrains.Cli.Connection;

/// <summary>Which server, and the token for it. A token that was given for one server goes to no other.</summary>
internal sealed record ServerSettings(Uri Address, string? Token)
{
    public const string DefaultAddress = "http://127.0.0.1:8080";

    public bool SendsTokenInTheClear => Token is not null && Address.Scheme == Uri.UriSchemeHttp && !Address.IsLoopback;

    public static ServerSettings Resolve(CliEnvironment environment, string? server, string? tokenFile)
    {
        var login = LoginFile.Read(environment);
        var named = FirstOf(server, environment.Variable("GITOPSGRAINS_SERVER"), login?.Server) ?? DefaultAddress;
        var address = ParseAddress(named);
        return new ServerSettings(address, FindToken(environment, address, tokenFile, login));
    }

    /// <summary>Errors: <see cref="CliException"/> (usage) for what is no http or https URL, or holds user info.</summary>
    public static Uri ParseAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            throw CliException.Usage("the server must be an http:// or https:// URL");
        if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
            throw CliException.Usage("the server's URL must not hold user info, query or fragment");
        return new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
    }

    private static string? FindToken(CliEnvironment environment, Uri address, string? tokenFile, LoginFile? login)
    {
        if (!string.IsNullOrEmpty(tokenFile)) return ReadToken(environment.FullPath(tokenFile));
        if (environment.Variable("GITOPSGRAINS_TOKEN") is { Length: > 0 } given) return Checked(given.Trim(), "GITOPSGRAINS_TOKEN");
        if (login is { Token.Length: > 0, Server.Length: > 0 } && ParseAddress(login.Server) == address) return login.Token;
        return address.IsLoopback ? ReadLocalToken(environment.FullPath("data/admin-token")) : null;
    }

    public static string ReadToken(string path)
    {
        try
        {
            return Checked(FirstLine(path), path);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the token file {path} can't be read", inner: broken);
        }
    }

    /// <summary>The file of a server that was started here; another user's is no error, it is just not ours.</summary>
    private static string? ReadLocalToken(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return FirstLine(path) is { Length: > 0 } token ? Checked(token, path) : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A server's own file may hold several tokens, the newest first.</summary>
    private static string FirstLine(string path) => File.ReadLines(path).Select(static line => line.Trim()).FirstOrDefault(static line => line.Length > 0) ?? "";

    private static string Checked(string token, string origin) =>
        token.Length > 0 && token.All(static letter => char.IsAscii(letter) && !char.IsControl(letter) && letter != ' ')
            ? token
            : throw new CliException($"{origin} does not hold a token");

    private static string? FirstOf(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
            if (!string.IsNullOrWhiteSpace(value)) return value.Trim();
        return null;
    }
}
