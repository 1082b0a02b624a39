using System.Runtime.InteropServices;
using KeraLua;
using LuaState = KeraLua.Lua;

namespace GitOpsGrains.Lua.Sandbox;

/// <summary>
/// Counts what a state uses and ends a script that uses too much. No error of Lua ever jumps over a managed frame, which
/// .NET does not allow: memory is refused by answer, and a script is ended by a hook that is a function of the
/// interpreter itself, put in place by the managed one that counts.
/// </summary>
internal sealed unsafe class SandboxBudget
{
    private const int Step = 100;
    private const int MaxRefusals = 8;

    /// <summary>
    /// luaL_error as a hook: its second argument, a format, is the lua_Debug of the hook, which begins with the event's
    /// number (3): a text of one character.
    /// </summary>
    private static readonly LuaHookFunction Raise = Marshal.GetDelegateForFunctionPointer<LuaHookFunction>(
        NativeLibrary.GetExport(NativeLibrary.Load("lua54", typeof(LuaState).Assembly, null), "luaL_error"));

    private readonly SandboxLimits _limits;
    private readonly TimeProvider _time;
    private readonly LuaHookFunction _count;
    private LuaState? _lua;
    private bool _isRunning;
    private long _live;
    private long _mostLive;
    private long _allocated;
    private long _instructions;
    private long _began;
    private int _refusals;

    public SandboxBudget(SandboxLimits limits, TimeProvider time)
    {
        (_limits, _time) = (limits, time);
        _count = OnCount;
        Allocator = Allocate;
    }

    /// <summary>To be kept as long as the state lives.</summary>
    public LuaAlloc Allocator { get; }

    /// <summary>Bytes in use.</summary>
    public long Live => _live;

    public SandboxStop Stop { get; private set; }

    /// <summary>From here until <see cref="End"/> the state runs what it must not trust.</summary>
    public void Begin(LuaState lua)
    {
        _lua = lua;
        (Stop, _instructions, _allocated, _refusals) = (SandboxStop.None, 0, 0, 0);
        (_mostLive, _began, _isRunning) = (_live + _limits.Memory, _time.GetTimestamp(), true);
        lua.SetHook(_count, LuaHookMask.Count, Step);
    }

    public void End()
    {
        _isRunning = false;
        _lua!.SetHook(null, LuaHookMask.Disabled, 0);
    }

    private void OnCount(nint state, nint activation)
    {
        _instructions += Step;
        if (_instructions > _limits.Instructions) EndScript(SandboxStop.Instructions);
        else if (_time.GetElapsedTime(_began) > _limits.Time) EndScript(SandboxStop.Time);
    }

    /// <summary>Every further instruction is an error, so a script that catches it gets no further either.</summary>
    private void EndScript(SandboxStop why)
    {
        if (Stop == SandboxStop.None) Stop = why;
        _lua!.SetHook(Raise, LuaHookMask.Count, 1);
    }

    private nint Allocate(nint data, nint block, nuint oldSize, nuint newSize)
    {
        // For a new block the old size is a code of what it is for.
        var had = block == 0 ? 0 : (long)oldSize;
        if (newSize == 0)
        {
            NativeMemory.Free((void*)block);
            _live -= had;
            return 0;
        }
        var more = (long)newSize - had;
        if (_isRunning && more > 0 && IsTooMuch(more)) return 0;
        try
        {
            var moved = (nint)NativeMemory.Realloc((void*)block, newSize);
            _live += more;
            return moved;
        }
        catch (OutOfMemoryException)
        {
            // The interpreter collects its garbage, asks again, and makes an error of the script of a second refusal.
            return 0;
        }
    }

    private bool IsTooMuch(long more)
    {
        _allocated += more;
        if (_allocated <= _limits.Allocated && _live + more <= _mostLive) return false;
        // Each refusal makes the interpreter collect all garbage: a script may not play with that.
        if (_allocated > _limits.Allocated || ++_refusals > MaxRefusals) EndScript(SandboxStop.Memory);
        return true;
    }
}
