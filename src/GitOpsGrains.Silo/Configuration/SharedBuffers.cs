using System.Globalization;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>
/// How many buffers of each size .NET keeps for the next who needs one: 32 for each processor. A commit that concerns a
/// thousand clusters has more requests under way than that on a small machine, and each one's headers take a new buffer of 32 KB.
/// </summary>
internal static class SharedBuffers
{
    /// <summary>For each processor; read when the pool first keeps one (System.Buffers.SharedArrayPool). There is no setting in runtimeconfig.json for it.</summary>
    private const string Variable = "DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION";

    private const int Default = 32;

    /// <summary>As many as on 16 processors.</summary>
    private const int Kept = 16 * Default;

    /// <summary>Only before anything else of the program. What the environment says stands.</summary>
    public static void KeepMore()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null) return;
        // Not an interpolated string: that would rent one.
        Environment.SetEnvironmentVariable(Variable, Math.Max(Default, Kept / Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture));
    }
}
