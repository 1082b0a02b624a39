using System.Collections.Concurrent;
using System.Reflection;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using Xunit.v3;

[assembly: EndsScenes]

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>
/// Scenes whose test has ended: their repositories are asked no more, since hundreds of them, each every five seconds, keep
/// the machine from the tests that are left.
/// </summary>
internal static class EndedScenes
{
    private static readonly ConcurrentDictionary<string, ConcurrentBag<Scene>> Living = new(StringComparer.Ordinal);
    private static readonly ConcurrentQueue<Scene> Ended = [];

    /// <summary>Of the shared fleet, for the test that runs. Scenes of a whole class are left as they are.</summary>
    public static async Task<Scene> FollowAsync(Task<Scene> making)
    {
        var scene = await making;
        if (TestContext.Current.Test is { } test) Living.GetOrAdd(test.UniqueID, static _ => []).Add(scene);
        while (Ended.TryDequeue(out var ended)) await ended.PutToRestAsync();
        return scene;
    }

    public static void End(string test)
    {
        if (!Living.TryRemove(test, out var scenes)) return;
        foreach (var scene in scenes) Ended.Enqueue(scene);
    }
}

/// <summary>Of each test.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class EndsScenesAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => EndedScenes.End(test.UniqueID);
}
