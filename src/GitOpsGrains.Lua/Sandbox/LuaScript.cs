using System.Text;

namespace GitOpsGrains.Lua.Sandbox;

/// <summary>One script of an administrator. Compared by reference: each state compiles it once.</summary>
/// <param name="name">Where it stands, for messages: the key in the customizations.</param>
internal sealed class LuaScript(string name, string file, string source)
{
    public string Name => name;

    /// <summary>What the interpreter names in its errors, such as <c>health.lua:3:</c>.</summary>
    public string File => file;

    public byte[] Source { get; } = Encoding.UTF8.GetBytes(source);

    public ScriptPause Pause { get; } = new();
}
