namespace GitOpsGrains.Documents.Validation;

/// <summary>Ways to sign in: one at a time, of a kind that the URL's protocol has, each whole.</summary>
internal static class CredentialsRules
{
    private const int MaxName = 256;

    /// <param name="url">Null when it could not be read.</param>
    public static void Check(Rules rules, string path, CredentialsSpec credentials, GitUrl? url)
    {
        var ways = new object?[] { credentials.PasswordFrom, credentials.TokenFrom, credentials.GithubApp, credentials.SshKeyFrom }.Count(static way => way is not null);
        if (ways > 1 || (ways == 0 && credentials.ClientCertificateFrom is null))
            rules.Fault(path, "give exactly one of passwordFrom, tokenFrom, githubApp and sshKeyFrom, or clientCertificateFrom");
        CheckUser(rules, $"{path}.username", credentials);
        if (credentials.SshKeyFrom is not null && credentials.KnownHostsFrom is null) rules.Fault($"{path}.knownHostsFrom", "required with sshKeyFrom");
        if (credentials.SshKeyFrom is null && credentials.KnownHostsFrom is not null) rules.Fault($"{path}.knownHostsFrom", "only with sshKeyFrom");
        if (url is { IsFile: true }) rules.Fault(path, "files need no credentials");
        if (url is { IsSsh: true }) CheckOnlySsh(rules, path, credentials);
        if (url is { IsSsh: false } && credentials.SshKeyFrom is not null) rules.Fault($"{path}.sshKeyFrom", "only with an ssh URL");
        if (url is { IsRegistry: true } && (credentials.GithubApp is not null || credentials is { TokenFrom: not null, Username: null }))
            rules.Fault(path, "registries of charts take a username with passwordFrom or tokenFrom, or clientCertificateFrom");
        if (credentials.ClientCertificateFrom is not null && url is { Scheme: "http" }) rules.Fault($"{path}.clientCertificateFrom", "only with an https URL");
        if (credentials.GithubApp is { } app) CheckApp(rules, $"{path}.githubApp", app);
        SecretReferenceRules.Check(rules, $"{path}.passwordFrom", credentials.PasswordFrom);
        SecretReferenceRules.Check(rules, $"{path}.tokenFrom", credentials.TokenFrom);
        SecretReferenceRules.Check(rules, $"{path}.sshKeyFrom", credentials.SshKeyFrom);
        SecretReferenceRules.Check(rules, $"{path}.knownHostsFrom", credentials.KnownHostsFrom);
        SecretReferenceRules.Check(rules, $"{path}.clientCertificateFrom", credentials.ClientCertificateFrom);
    }

    private static void CheckUser(Rules rules, string path, CredentialsSpec credentials)
    {
        if (credentials.PasswordFrom is not null && string.IsNullOrEmpty(credentials.Username)) rules.Fault(path, "required with passwordFrom");
        if (credentials.Username is not { } user) return;
        if (credentials.PasswordFrom is null && credentials.TokenFrom is null) rules.Fault(path, "only with passwordFrom or tokenFrom");
        rules.PlainText(path, user, MaxName);
        if (user.Contains(':', StringComparison.Ordinal)) rules.Fault(path, "must not hold ':'");
    }

    private static void CheckOnlySsh(Rules rules, string path, CredentialsSpec credentials)
    {
        if (credentials.PasswordFrom is not null) rules.Fault($"{path}.passwordFrom", "not with an ssh URL");
        if (credentials.TokenFrom is not null) rules.Fault($"{path}.tokenFrom", "not with an ssh URL");
        if (credentials.GithubApp is not null) rules.Fault($"{path}.githubApp", "not with an ssh URL");
        if (credentials.ClientCertificateFrom is not null) rules.Fault($"{path}.clientCertificateFrom", "not with an ssh URL");
    }

    private static void CheckApp(Rules rules, string path, GitHubAppSpec app)
    {
        CheckId(rules, $"{path}.appId", app.AppId);
        CheckId(rules, $"{path}.installationId", app.InstallationId);
        if (app.PrivateKeyFrom is null) rules.Fault($"{path}.privateKeyFrom", "required");
        SecretReferenceRules.Check(rules, $"{path}.privateKeyFrom", app.PrivateKeyFrom);
        if (app.ApiUrl is not { } api) return;
        // Whoever answers there gets a token that acts as the App.
        if (!rules.Policy.IsAdmin) rules.Fault($"{path}.apiUrl", "needs the admin role");
        UrlRules.CheckService(rules, $"{path}.apiUrl", api);
    }

    private static void CheckId(Rules rules, string path, string id)
    {
        if (rules.Required(path, id) && (id.Length > 64 || !id.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-')))
            rules.Fault(path, "not an id: letters, digits, '.' and '-', at most 64");
    }
}
