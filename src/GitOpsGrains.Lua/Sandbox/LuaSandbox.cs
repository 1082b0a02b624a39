using System.Text;
using System.Text.Json;
using KeraLua;
using LuaState = KeraLua.Lua;

namespace GitOpsGrains.Lua.Sandbox;

/// <summary>One state of the interpreter with nothing in it that reaches out. Used by one thread at a time.</summary>
internal sealed class LuaSandbox : IDisposable
{
    private const int MaxMessage = 500;
    private const long MuchGarbage = 4 * 1024 * 1024;
    private static readonly byte[] Prelude = ReadPrelude();

    private readonly SandboxLimits _limits;
    private readonly SandboxBudget _budget;
    private readonly LuaState _lua;
    private readonly int _newGlobals;
    private readonly Dictionary<LuaScript, int> _compiled = new(ReferenceEqualityComparer.Instance);

    public LuaSandbox(SandboxLimits limits, TimeProvider time)
    {
        _limits = limits;
        _budget = new SandboxBudget(limits, time);
        _lua = new LuaState(_budget.Allocator, 0) { Encoding = Encoding.UTF8 };
        _lua.OpenLibs();
        _lua.SetTop(0);
        if (_lua.LoadBuffer(Prelude, "=prelude.lua", "t") != LuaStatus.OK || _lua.PCall(0, 1, 0) != LuaStatus.OK)
            throw new InvalidOperationException($"the prelude of the sandbox fails: {Message()}");
        _newGlobals = _lua.Ref(LuaRegistry.Index);
    }

    /// <summary>A script that was ended may have left anything behind: the state is thrown away.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Why the script can't be compiled; null if it can.</summary>
    public string? Compile(LuaScript script)
    {
        _lua.SetTop(0);
        return Load(script);
    }

    /// <summary>Runs a script over an object and reads its answer. Never throws for what a script does.</summary>
    /// <param name="read">Reads the value on top of the stack; may look at values only in raw ways.</param>
    public ScriptOutcome<T> Run<T>(LuaScript script, JsonElement obj, string apiVersion, string kind, long now, Func<LuaState, T> read)
    {
        _lua.SetTop(0);
        if (Load(script) is { } fault) return ScriptOutcome<T>.Failed(fault);
        _lua.RawGetInteger(LuaRegistry.Index, _newGlobals);
        _lua.PushInteger(now);
        if (_lua.PCall(1, 1, 0) != LuaStatus.OK) return ScriptOutcome<T>.Failed(Message());
        _lua.PushString("obj");
        if (!LuaJson.TryPushObject(_lua, obj, apiVersion, kind)) return Spent(ScriptOutcome<T>.Failed("the object is nested too deeply for a script"));
        _lua.RawSet(2);
        _lua.SetUpValue(1, 1);

        _budget.Begin(_lua);
        var status = _lua.PCall(0, 1, 0);
        _budget.End();
        if (_budget.Stop != SandboxStop.None || status == LuaStatus.ErrMem) return Spent(ScriptOutcome<T>.Stopped(WhyStopped()));
        var outcome = status == LuaStatus.OK ? ScriptOutcome<T>.Answered(read(_lua)) : ScriptOutcome<T>.Failed(Message());
        _lua.SetTop(0);
        if (_budget.Live > MuchGarbage) _lua.GarbageCollector(LuaGC.Collect, 0);
        return outcome;
    }

    public void Dispose() => _lua.Dispose();

    private ScriptOutcome<T> Spent<T>(ScriptOutcome<T> outcome)
    {
        IsSpent = true;
        return outcome;
    }

    /// <summary>Puts the compiled script on the stack, or answers why there is none.</summary>
    private string? Load(LuaScript script)
    {
        if (_compiled.TryGetValue(script, out var known))
        {
            _lua.RawGetInteger(LuaRegistry.Index, known);
            return null;
        }
        _budget.Begin(_lua);
        var status = _lua.LoadBuffer(script.Source, "=" + script.File, "t");
        _budget.End();
        if (status != LuaStatus.OK) return Message();
        _lua.PushCopy(-1);
        _compiled[script] = _lua.Ref(LuaRegistry.Index);
        return null;
    }

    private string WhyStopped() => _budget.Stop switch
    {
        SandboxStop.Instructions => $"it was stopped after {_limits.Instructions} instructions",
        SandboxStop.Time => $"it was stopped after {_limits.Time.TotalSeconds:0.###} s",
        _ => $"it was stopped because it uses more than {_limits.Memory / (1024 * 1024)} MiB",
    };

    private string Message()
    {
        if (_lua.Type(-1) is not (LuaType.String or LuaType.Number)) return "an error that is no text";
        var text = LuaJson.Text(_lua, -1);
        return text.Length <= MaxMessage ? text : text[..MaxMessage] + "…";
    }

    private static byte[] ReadPrelude()
    {
        using var stream = typeof(LuaSandbox).Assembly.GetManifestResourceStream("prelude.lua")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
