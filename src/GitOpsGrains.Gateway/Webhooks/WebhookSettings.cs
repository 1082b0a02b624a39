using System.Diagnostics.CodeAnalysis;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Validation;
using Microsoft.Extensions.Configuration;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>The settings below <c>Webhooks</c>: by provider, where its secret is.</summary>
public static class WebhookSettings
{
    private static readonly string EnvironmentPrefix = AdminPolicy.None.EnvironmentPrefix;

    public static bool TryRead(IConfigurationSection section, [NotNullWhen(true)] out WebhookOptions? options, [NotNullWhen(false)] out string? fault)
    {
        (options, fault) = (null, null);
        var secrets = new Dictionary<string, SecretReference>(StringComparer.Ordinal);
        foreach (var provider in section.GetChildren())
        {
            var name = provider.Key.ToLowerInvariant();
            var from = provider.GetSection("SecretFrom");
            var (file, env) = (from["File"], from["Env"]);
            fault = Fault($"Webhooks:{provider.Key}", name, file, env);
            if (fault is not null) return false;
            secrets[name] = new SecretReference { File = file, Env = env };
        }
        options = new WebhookOptions { Secrets = secrets };
        return true;
    }

    private static string? Fault(string setting, string provider, string? file, string? env) =>
        !WebhookOptions.Providers.Contains(provider) ? $"{setting}: not one of {string.Join(", ", WebhookOptions.Providers)}"
        : (file is null) == (env is null) ? $"{setting}:SecretFrom: give File or Env"
        : file is not null && !Path.IsPathFullyQualified(file) ? $"{setting}:SecretFrom:File: not an absolute path"
        : env is not null && !env.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) ? $"{setting}:SecretFrom:Env: must begin with {EnvironmentPrefix}"
        : null;
}
