namespace GitOpsGrains.Adapters.Processes;

/// <summary>What is started.</summary>
/// <param name="Program">A full path, or a name that the system looks for.</param>
/// <param name="Arguments">Each as it is: no shell reads them.</param>
/// <param name="Folder">Where it runs.</param>
/// <param name="Environment">All of its environment: nothing is inherited.</param>
public sealed record ProcessOrder(string Program, IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Programs with arguments that do something and then become what follows them, outermost first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Wrappers { get; init; } = [];
}
