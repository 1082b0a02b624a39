namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>What a case must come to.</summary>
public enum Verdict
{
    /// <summary>Nothing owned changed, and nothing may be asked.</summary>
    Quiet,
    /// <summary>Nothing owned changed; one look at the object is allowed.</summary>
    Alarm,
    /// <summary>The object is not as Git wants it, and the proof must say so.</summary>
    Drift,
}

/// <summary>One row of the table of experiments: an object that we applied, and what somebody does to it.</summary>
/// <param name="Manifest">As in Git; "$NAME" becomes a name of this run alone.</param>
public sealed record DriftCase(string Kind, string What, string Manifest, Func<CaseObject, Task> Edit, Verdict Expected)
{
    public string Name => $"{Kind}: {What}";

    /// <summary>On servers after 1.20, where they differ.</summary>
    public Verdict? ExpectedLater { get; init; }

    /// <summary>Done before the object is applied.</summary>
    public Func<CaseObject, Task>? Before { get; init; }

    /// <summary>The kind or the field exists in servers up to this minor version.</summary>
    public int LastMinor { get; init; } = int.MaxValue;

    /// <summary>Our apply and the edit must lie in different seconds: the entry's time is in whole seconds.</summary>
    public bool NeedsNextSecond { get; init; }

    /// <summary>The forced apply alone is refused for ever; it needs the other managers' entries first.</summary>
    public bool NeedsTakeOver { get; init; }

    public Verdict ExpectedOn(int minor) => minor > 20 && ExpectedLater is { } later ? later : Expected;

    public override string ToString() => Name;
}
