namespace GitOpsGrains.Documents.Validation;

internal static class RepositoryRules
{
    private const int MaxPrefixes = 100;

    public static void Check(Rules rules, RepositorySpec spec)
    {
        var url = UrlRules.Check(rules, "spec.url", spec.Url);
        rules.Between("spec.poll.interval", spec.Poll.Interval, TimeSpan.FromSeconds(5), TimeSpan.FromDays(1));
        CheckAccess(rules, url, spec.Credentials, spec.CaFrom, spec.Proxy);
        if (url is { IsSsh: true } && spec.Credentials is { SshKeyFrom: null }) rules.Fault("spec.credentials.sshKeyFrom", "required with an ssh URL");
        if (spec.Rendering.RemoteBases && !rules.Policy.IsAdmin) rules.Fault("spec.rendering.remoteBases", "needs the admin role");
        if (spec.Rendering.ChartDependencies && !rules.Policy.IsAdmin) rules.Fault("spec.rendering.chartDependencies", "needs the admin role");
        CheckSubmodules(rules, spec.Submodules);
        if (spec.Shallow && url is { IsFile: true }) rules.Fault("spec.shallow", "not for file URLs");
        if (spec.Shallow && spec.Verification is { Mode: VerificationModes.All }) rules.Fault("spec.shallow", "verification of all commits needs the history");
        if (spec.Webhook is { SecretFrom: null }) rules.Fault("spec.webhook.secretFrom", "required");
        SecretReferenceRules.Check(rules, "spec.webhook.secretFrom", spec.Webhook?.SecretFrom);
        VerificationRules.Check(rules, "spec.verification", spec.Verification);
    }

    public static void Check(Rules rules, RepositoryCredentialsSpec spec)
    {
        var url = UrlRules.CheckAny(rules, "spec.urlPrefix", spec.UrlPrefix);
        if (url is { IsFile: true }) rules.Fault("spec.urlPrefix", "files need no credentials");
        if (spec.Credentials is null && spec.CaFrom is null && spec.Proxy is null) rules.Fault("spec", "give credentials, caFrom or proxy");
        CheckAccess(rules, url, spec.Credentials, spec.CaFrom, spec.Proxy);
    }

    private static void CheckSubmodules(Rules rules, SubmodulesSpec? submodules)
    {
        if (submodules is null) return;
        if (submodules.UrlPrefixes.Count > MaxPrefixes) rules.Fault("spec.submodules.urlPrefixes", $"more than {MaxPrefixes}");
        for (var i = 0; i < submodules.UrlPrefixes.Count && i < MaxPrefixes; i++) UrlRules.Check(rules, $"spec.submodules.urlPrefixes[{i}]", submodules.UrlPrefixes[i]);
    }

    private static void CheckAccess(Rules rules, GitUrl? url, CredentialsSpec? credentials, SecretReference? ca, ProxySpec? proxy)
    {
        SecretReferenceRules.Check(rules, "spec.caFrom", ca);
        if (ca is not null && url is { Scheme: not "https", IsRegistry: false }) rules.Fault("spec.caFrom", "only https URLs have certificates");
        if (credentials is not null) CredentialsRules.Check(rules, "spec.credentials", credentials, url);
        if (proxy is null) return;
        if (url is { IsHttp: false, IsRegistry: false }) rules.Fault("spec.proxy", "only https and http URLs are reached through a proxy");
        ProxyRules.Check(rules, "spec.proxy", proxy);
    }
}
