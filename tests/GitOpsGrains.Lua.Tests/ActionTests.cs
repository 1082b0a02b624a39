using GitOpsGrains.Engine.Health;
using GitOpsGrains.Lua.Customizations;
using Microsoft.Extensions.Time.Testing;
using static GitOpsGrains.Lua.Tests.Scripts;

namespace GitOpsGrains.Lua.Tests;

public sealed class ActionTests
{
    private const string Custom = """
        resource.customizations.actions.example.com_Widget: |
          discovery.lua: |
            actions = {}
            actions["restart"] = {}
            actions["scale-down"] = { ["disabled"] = (obj.spec.replicas or 0) == 0, displayName = "Scale down" }
            actions["without-script"] = {}
            return actions
          definitions:
          - name: restart
            action.lua: |
              local os = require("os")
              if obj.metadata.annotations == nil then obj.metadata.annotations = {} end
              obj.metadata.annotations["restartedAt"] = os.date("!%Y-%m-%dT%XZ")
              return obj
          - name: scale-down
            action.lua: |
              obj.spec.replicas = obj.spec.replicas / 2
              return {{operation = "patch", resource = obj}}
          - name: create
            action.lua: |
              return {{operation = "create", resource = {kind = "Job"}}}
          - name: broken
            action.lua: |
              return obj.spec.nothing.here
          - name: nonsense
            action.lua: |
              obj.spec.f = print
              return obj
          - name: circle
            action.lua: |
              obj.spec.me = obj
              return obj
          - name: text
            action.lua: |
              return "done"
          - name: loop
            action.lua: |
              while true do end
        """;

    private const string Key = "resource.customizations.actions.example.com_Widget";

    [Fact]
    public void Discover_Object_ListsWhatItsScriptSaysAndCanRun()
    {
        using var scripts = Of(Custom);

        var list = scripts.Discover(Live(Widget));

        Assert.Null(list.Fault);
        Assert.Equal([new ObjectAction("restart", false, "restart"), new ObjectAction("scale-down", false, "Scale down")], list.Actions);
        Assert.True(scripts.Discover(Live("""{"metadata":{"name":"w"},"spec":{"replicas":0}}""")).Actions[1].IsDisabled);
    }

    [Fact]
    public void Discover_KindWithoutActions_ListsNone()
    {
        using var scripts = Of(Custom);

        Assert.Equal(ActionList.None, scripts.Discover(Live("""{"metadata":{"name":"x"}}""", "v1", "Pod")));
        Assert.False(scripts.Covers("example.com", "Widget"));
    }

    [Theory]
    [InlineData("return {}", null)]
    [InlineData("return 1", "it answered no table of actions")]
    [InlineData("return nil", "it answered no table of actions")]
    [InlineData("error('x')", "discovery.lua:1: x")]
    [InlineData("while true do end", "it was stopped after 2000000 instructions")]
    public void Discover_OddAnswer_HasAFault(string lua, string? fault)
    {
        using var scripts = Of($"{Key}:\n  discovery.lua: {lua}\n");

        var list = scripts.Discover(Live(Widget));

        Assert.Empty(list.Actions);
        Assert.Equal(fault is null ? null : $"{Key}: discovery.lua: {fault}", list.Fault);
    }

    [Fact]
    public void Run_Restart_ChangesTheAnnotation()
    {
        using var scripts = Of(Custom, new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)));

        var changed = scripts.Run(Live(Widget), "restart").Changed!;

        Assert.Equal("2026-03-04T05:06:07Z", changed["metadata"]!["annotations"]!["restartedAt"]!.GetValue<string>());
        Assert.Equal("""["a","b"]""", changed["spec"]!["hosts"]!.ToJsonString());
    }

    [Fact]
    public void Run_NewerFormThatPatches_GivesTheObject()
    {
        using var scripts = Of(Custom);

        Assert.Equal("1", scripts.Run(Live(Widget), "scale-down").Changed!["spec"]!["replicas"]!.ToJsonString());
    }

    [Theory]
    [InlineData("unknown", "there is no action unknown")]
    [InlineData("create", Key + ": the action create: it makes other objects, which is not supported: an action may change the object itself")]
    [InlineData("broken", Key + ": the action broken: broken/action.lua:1: attempt to index a nil value (field 'nothing')")]
    [InlineData("nonsense", Key + ": the action nonsense: its answer is no object: a function is nothing that an object can hold")]
    [InlineData("circle", Key + ": the action circle: its answer is no object: it is nested too deeply")]
    [InlineData("text", Key + ": the action text: it answered no object")]
    [InlineData("loop", Key + ": the action loop: it was stopped after 2000000 instructions")]
    public void Run_ThatGivesNoObject_HasAFault(string action, string fault)
    {
        using var scripts = Of(Custom);

        var result = scripts.Run(Live(Widget), action);

        Assert.Null(result.Changed);
        Assert.Equal(fault, result.Fault);
    }
}
