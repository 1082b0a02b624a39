namespace GitOpsGrains.Gateway.Auth;

/// <summary>The rights that requests need, by the names of their policies. There is one role, the administrator, who has them all.</summary>
internal static class Rights
{
    /// <summary>Everything but what is named here.</summary>
    public const string Admin = "admin";

    /// <summary>Beside it: what containers write may hold secrets, and who may see manifests and states need not see that.</summary>
    public const string ReadLogs = "logs.read";
}
