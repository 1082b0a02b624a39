namespace GitOpsGrains.Lua.Sandbox;

/// <param name="Value">What the script answered, if it came to an end.</param>
/// <param name="Fault">Why there is no answer; null if there is one.</param>
/// <param name="WasStopped">It ran into a limit.</param>
internal readonly record struct ScriptOutcome<T>(T? Value, string? Fault, bool WasStopped)
{
    public static ScriptOutcome<T> Answered(T value) => new(value, null, false);

    public static ScriptOutcome<T> Failed(string fault) => new(default, fault, false);

    public static ScriptOutcome<T> Stopped(string fault) => new(default, fault, true);
}
