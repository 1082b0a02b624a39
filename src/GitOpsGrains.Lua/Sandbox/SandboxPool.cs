using System.Collections.Concurrent;
using GitOpsGrains.Engine.Resources;
using LuaState = KeraLua.Lua;

namespace GitOpsGrains.Lua.Sandbox;

/// <summary>
/// Sandboxes that wait for their next script. Nobody waits for one: where none is free another is made, and those beyond
/// one per processor are thrown away after use.
/// </summary>
internal sealed class SandboxPool(SandboxLimits limits, TimeProvider time) : IDisposable
{
    private readonly ConcurrentBag<LuaSandbox> _idle = [];
    private bool _isDisposed;

    /// <summary>Runs a script over a live object, unless it ran into its limits too often a moment ago.</summary>
    public ScriptOutcome<T> Run<T>(LuaScript script, LiveObject live, Func<LuaState, T> read)
    {
        var now = time.GetUtcNow();
        if (script.Pause.IsActive(now)) return ScriptOutcome<T>.Failed("it ran into its limits several times in a row and is left alone for a minute");
        var sandbox = _idle.TryTake(out var idle) ? idle : new LuaSandbox(limits, time);
        var isBack = false;
        try
        {
            var outcome = sandbox.Run(script, live.Root, live.ApiVersion, live.Id.Kind, now.ToUnixTimeSeconds(), read);
            script.Pause.Note(outcome.WasStopped, now);
            isBack = !sandbox.IsSpent && !_isDisposed && _idle.Count < Environment.ProcessorCount;
            if (isBack) _idle.Add(sandbox);
            return outcome;
        }
        finally
        {
            if (!isBack) sandbox.Dispose();
        }
    }

    /// <summary>Why a script can't be compiled; null if it can.</summary>
    public string? Check(LuaScript script)
    {
        using var sandbox = new LuaSandbox(limits, time);
        return sandbox.Compile(script);
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var sandbox)) sandbox.Dispose();
    }
}
