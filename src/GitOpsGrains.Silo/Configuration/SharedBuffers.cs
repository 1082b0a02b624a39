namespace GitOpsGrains.Silo.Configuration;

/// <summary>
/// How many buffers of each size .NET keeps for the next who needs one: by default 32 for each processor. A commit that
/// concerns a thousand clusters has more requests under way than that, and each one's headers take a new buffer of 32 KB.
/// </summary>
internal static class SharedBuffers
{
    /// <summary>Read once, when the first buffer is rented (System.Buffers.SharedArrayPool); there is no setting in runtimeconfig.json for it.</summary>
    private const string Variable = "DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION";

    private const int Kept = 256;

    /// <summary>Only before anything else of the program. What the environment says stands.</summary>
    public static void KeepMore()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null) Environment.SetEnvironmentVariable(Variable, $"{Kept}");
    }
}
