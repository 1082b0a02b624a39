namespace GitOpsGrains.Documents.Validation;

internal static class RepositoryRules
{
    public static void Check(Rules rules, RepositorySpec spec)
    {
        UrlRules.Check(rules, "spec.url", spec.Url);
        rules.Between("spec.poll.interval", spec.Poll.Interval, TimeSpan.FromSeconds(5), TimeSpan.FromDays(1));
        if (spec.CaFrom is not null)
        {
            rules.NotYet("spec.caFrom");
            SecretReferenceRules.Check(rules, "spec.caFrom", spec.CaFrom);
        }

        VerificationRules.Check(rules, "spec.verification", spec.Verification);
        if (spec.Credentials is { } credentials) CheckCredentials(rules, credentials);
    }

    private static void CheckCredentials(Rules rules, CredentialsSpec credentials)
    {
        const string path = "spec.credentials";
        rules.NotYet(path);
        var ways = new[] { credentials.PasswordFrom, credentials.TokenFrom, credentials.SshKeyFrom, credentials.ClientCertificateFrom }.Count(static way => way is not null);
        if (ways != 1) rules.Fault(path, "give exactly one of passwordFrom, tokenFrom, sshKeyFrom and clientCertificateFrom");
        if (credentials.PasswordFrom is not null && string.IsNullOrEmpty(credentials.Username)) rules.Fault($"{path}.username", "required with passwordFrom");
        if (credentials.SshKeyFrom is not null && credentials.KnownHostsFrom is null) rules.Fault($"{path}.knownHostsFrom", "required with sshKeyFrom");
        SecretReferenceRules.Check(rules, $"{path}.passwordFrom", credentials.PasswordFrom);
        SecretReferenceRules.Check(rules, $"{path}.tokenFrom", credentials.TokenFrom);
        SecretReferenceRules.Check(rules, $"{path}.sshKeyFrom", credentials.SshKeyFrom);
        SecretReferenceRules.Check(rules, $"{path}.knownHostsFrom", credentials.KnownHostsFrom);
        SecretReferenceRules.Check(rules, $"{path}.clientCertificateFrom", credentials.ClientCertificateFrom);
    }
}
