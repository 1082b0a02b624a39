using GitOpsGrains.Silo.Configuration;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>The settings of webhooks and of the budget for Git servers, as variables give them.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Webhooks__github__SecretFrom__File", "/etc/secrets/github", null)]
    [InlineData("Webhooks__GitLab__SecretFrom__Env", "GITOPSGRAINS_SECRET_HOOK", null)]
    [InlineData("Webhooks__sourcehut__SecretFrom__File", "/a", "Webhooks:sourcehut: not one of github, gitlab, gitea, bitbucket, azuredevops, generic")]
    [InlineData("Webhooks__github__SecretFrom__File", "secrets/github", "Webhooks:github:SecretFrom:File: not an absolute path")]
    [InlineData("Webhooks__github__SecretFrom__Env", "HOME", "Webhooks:github:SecretFrom:Env: must begin with GITOPSGRAINS_SECRET_")]
    [InlineData("Webhooks__github__Secret", "in the clear", "Webhooks:github:SecretFrom: give File or Env")]
    [InlineData("Git__RequestsPerSecond", "2.5", null)]
    [InlineData("Git__RequestsPerSecond", "0", "Git:RequestsPerSecond must be a number from 0.01 and Git:RequestBurst one from 1, both to 10000")]
    [InlineData("Git__RequestBurst", "many", "Git:RequestsPerSecond must be a number from 0.01 and Git:RequestBurst one from 1, both to 10000")]
    public void TryRead_Variable_IsTakenOrToldToBeWrong(string name, string value, string? expected)
    {
        var variable = "GITOPSGRAINS__" + name;
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            Assert.Equal(expected is null, SiloSettings.TryRead([], out var settings, out var fault));
            Assert.Equal(expected, fault);
            if (settings is not null && name.StartsWith("Webhooks", StringComparison.Ordinal)) Assert.Single(settings.Webhooks.Secrets);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }
}
