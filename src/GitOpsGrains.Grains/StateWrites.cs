namespace GitOpsGrains.Grains;

/// <summary>Storing what a command changed in memory.</summary>
internal static class StateWrites
{
    /// <summary>
    /// What was not stored is undone in memory as well: whoever asks for the same again would be told that it is so already.
    /// </summary>
    public static async Task OrUndoAsync(this Task store, Action undo)
    {
        try
        {
            await store;
        }
        catch
        {
            undo();
            throw;
        }
    }
}
