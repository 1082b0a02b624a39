using GitOpsGrains.Lua.Sandbox;

namespace GitOpsGrains.Lua.Customizations;

/// <summary>What an administrator says about some kinds.</summary>
internal sealed class Customization(KindPattern pattern)
{
    public KindPattern Pattern => pattern;

    public LuaScript? Health { get; set; }

    public ActionScripts? Actions { get; set; }
}

/// <param name="Discovery">Answers a table of the actions that an object has at the moment.</param>
internal sealed record ActionScripts(LuaScript Discovery, IReadOnlyDictionary<string, LuaScript> Definitions);

/// <param name="Notices">What was read and has no effect, one sentence each.</param>
internal sealed record CustomizationSet(IReadOnlyList<Customization> Items, IReadOnlyList<string> Notices);
