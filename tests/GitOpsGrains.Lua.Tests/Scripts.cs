using System.Text.Json;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Lua.Customizations;
using GitOpsGrains.Lua.Sandbox;

namespace GitOpsGrains.Lua.Tests;

/// <summary>Customizations made of texts, and objects to hold them against.</summary>
internal static class Scripts
{
    public const string Widget = """{"metadata":{"name":"w","namespace":"web","generation":3,"labels":{"team":"a"}},"spec":{"replicas":2,"hosts":["a","b"]},"status":{"phase":"Ready"}}""";

    public static LuaCustomizations Of(string yaml, TimeProvider? time = null, SandboxLimits? limits = null, Action<string>? notice = null) =>
        LuaCustomizations.Parse(yaml, time ?? TimeProvider.System, notice ?? (_ => { }), limits);

    /// <summary>A health script for the kind example.com/Widget.</summary>
    public static LuaCustomizations Health(string lua, TimeProvider? time = null, SandboxLimits? limits = null) =>
        Of("resource.customizations.health.example.com_Widget: |\n" + Indent(lua), time, limits);

    public static ObjectHealth? Run(string lua, string json = Widget, SandboxLimits? limits = null)
    {
        using var scripts = Health(lua, limits: limits);
        return scripts.Assess(Live(json));
    }

    /// <summary>What an expression is, as text, to a script.</summary>
    public static string Text(string expression, string json = Widget) => Run($"return {{status='Healthy', message=tostring({expression})}}", json)!.Message;

    public static LiveObject Live(string json, string apiVersion = "example.com/v1", string kind = "Widget") =>
        LiveObject.From(JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 500 }).RootElement, apiVersion, kind);

    public static string Indent(string text, int by = 2) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => new string(' ', by) + line)) + "\n";
}
