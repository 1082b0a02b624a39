namespace GitOpsGrains.Grains;

/// <summary>An activation may end before work that nobody awaits does: then there is nothing to bring back, and nobody above to tell.</summary>
internal static class Ended
{
    /// <summary>Does what only a living activation can do; reports what an ended one says to it.</summary>
    public static void Unless(Action action, Action<InvalidOperationException> report)
    {
        try
        {
            action();
        }
        catch (InvalidOperationException gone)
        {
            report(gone);
        }
    }
}
