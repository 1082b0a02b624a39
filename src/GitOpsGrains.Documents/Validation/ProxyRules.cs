namespace GitOpsGrains.Documents.Validation;

/// <summary>A proxy sees what is sent to http URLs and may turn connections elsewhere: naming one needs the admin role.</summary>
internal static class ProxyRules
{
    private const int MaxHosts = 100;

    public static void Check(Rules rules, string path, ProxySpec proxy)
    {
        if (!rules.Policy.IsAdmin) rules.Fault(path, "needs the admin role");
        UrlRules.CheckService(rules, $"{path}.url", proxy.Url);
        if (GitUrl.TryParse(proxy.Url, out var url, out _) && url.Segments.Count > 0) rules.Fault($"{path}.url", "must not have a path");
        if (proxy.NoProxy.Count > MaxHosts) rules.Fault($"{path}.noProxy", $"more than {MaxHosts}");
        for (var i = 0; i < proxy.NoProxy.Count; i++)
        {
            var host = proxy.NoProxy[i];
            if (!IsHost(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host.StartsWith('.') ? host[1..] : host))
                rules.Fault($"{path}.noProxy[{i}]", "not the name of a host");
        }

        if (proxy.PasswordFrom is not null && string.IsNullOrEmpty(proxy.Username)) rules.Fault($"{path}.username", "required with passwordFrom");
        if (proxy.PasswordFrom is null && proxy.Username is not null) rules.Fault($"{path}.passwordFrom", "required with username");
        if (proxy.Username is { } user) rules.PlainText($"{path}.username", user, 256);
        SecretReferenceRules.Check(rules, $"{path}.passwordFrom", proxy.PasswordFrom);
    }

    private static bool IsHost(string text) =>
        text.Length is > 0 and <= 253 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or ':' or '_');
}
