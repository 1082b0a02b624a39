using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Lua.Sandbox;
using static GitOpsGrains.Lua.Tests.Scripts;

namespace GitOpsGrains.Lua.Tests;

/// <summary>What a script may not do, and what becomes of one that tries.</summary>
public sealed class SandboxTests
{
    private const string Key = "resource.customizations.health.example.com_Widget: ";

    [Theory]
    [InlineData("io")]
    [InlineData("os.execute")]
    [InlineData("os.getenv")]
    [InlineData("os.exit")]
    [InlineData("os.remove")]
    [InlineData("load")]
    [InlineData("loadstring")]
    [InlineData("loadfile")]
    [InlineData("dofile")]
    [InlineData("package")]
    [InlineData("debug")]
    [InlineData("coroutine")]
    [InlineData("collectgarbage")]
    [InlineData("setmetatable")]
    [InlineData("getmetatable")]
    [InlineData("xpcall")]
    [InlineData("string.dump")]
    [InlineData("math.random")]
    [InlineData("table.move")]
    [InlineData("utf8")]
    public void Script_AskingForWhatReachesOut_GetsNil(string name) => Assert.Equal("nil", Text(name));

    [Theory]
    [InlineData("io.open('/etc/passwd')", "attempt to index a nil value (global 'io')")]
    [InlineData("os.execute('true')", "attempt to call a nil value (field 'execute')")]
    [InlineData("load('return 1')()", "attempt to call a nil value (global 'load')")]
    [InlineData("require('io')", "there is no module 'io'")]
    [InlineData("obj.status.nothing.here", "attempt to index a nil value (field 'nothing')")]
    [InlineData("error('on purpose')", "on purpose")]
    public void Script_ThatFails_IsUnknownWithTheLine(string expression, string message) =>
        Assert.Equal(new(HealthStatus.Unknown, $"{Key}health.lua:1: {message}"), Run($"local x = {expression}"));

    [Fact]
    public void Script_ThrowingATable_IsUnknown() => Assert.Equal(new(HealthStatus.Unknown, Key + "an error that is no text"), Run("error({})"));

    [Theory]
    [InlineData("while true do end")]
    [InlineData("local function f() return f() end f()")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("repeat local ok = pcall(error) until false")]
    [InlineData("for i = 1, 1e18 do end")]
    [InlineData("string.gsub('a', 'a', function() while true do end end)")]
    [InlineData("table.sort({3, 2, 1}, function() while true do end end)")]
    [InlineData("local t = {} for i = 1, 1e9 do t[1] = i end")]
    public void Script_ThatLoops_IsStoppedByItsInstructions(string lua) =>
        Assert.Equal(new(HealthStatus.Unknown, Key + "it was stopped after 2000000 instructions"), Run(lua));

    [Fact]
    public void Script_ThatCatchesItsOwnEndAtEveryDepth_IsStopped() =>
        Assert.StartsWith(Key + "it was stopped after ", Run("local function f() pcall(f) while true do pcall(f) end end f()")?.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("local t = {} while true do t[#t + 1] = string.rep('x', 100000) end")]
    [InlineData("local s = 'x' while true do s = s .. s end")]
    [InlineData("local t = {} for i = 1, 1e7 do t[i] = {i} end")]
    [InlineData("local s = string.rep('x', 1000000) while true do local t = s .. 'y' end")]
    [InlineData("local t = {} while true do pcall(function() t[#t + 1] = string.rep('x', 100000 + #t) end) end")]
    public void Script_ThatTakesMemory_IsStopped(string lua) =>
        Assert.Equal(new(HealthStatus.Unknown, Key + "it was stopped because it uses more than 16 MiB"), Run(lua));

    [Theory]
    [InlineData("string.rep('x', 1e9)", "string.rep: the text would be longer than 1048576 bytes")]
    [InlineData("string.rep('', 1e18)", "string.rep: the text would be longer than 1048576 bytes")]
    [InlineData("('x'):rep(1e9)", "string.rep: the text would be longer than 1048576 bytes")]
    [InlineData("string.rep('', 10, string.rep('x', 1e6))", "string.rep: the text would be longer than 1048576 bytes")]
    [InlineData("string.find(string.rep('a', 50000), string.rep('.-', 20) .. 'b')", "the text is too long for this pattern")]
    [InlineData("(string.rep('a', 30)):match(string.rep('a?', 30) .. string.rep('a', 30))", "the text is too long for this pattern")]
    [InlineData("string.gsub(string.rep('a', 100000), '(.-)%1b', '')", "the text is too long for this pattern")]
    [InlineData("string.find('x', string.rep('a', 2000))", "the pattern is longer than 1000 characters")]
    [InlineData("table.unpack({}, 1, 1e6)", "too many results to unpack")]
    [InlineData("unpack({}, 1, 1e6)", "too many results to unpack")]
    [InlineData("string.format('%99999d', 1)", "invalid conversion")]
    public void Script_AskingForAMonsterInOneCall_IsRefused(string expression, string message)
    {
        var health = Run($"local x = {expression}");

        Assert.Equal(HealthStatus.Unknown, health?.Status);
        Assert.Contains(message, health?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Script_SearchingOverAndOver_IsRefusedByItsBudget()
    {
        var health = Run("local s = string.rep('a', 900) for i = 1, 1e6 do string.find(s, '.-.-b') end");

        Assert.Equal(new(HealthStatus.Unknown, Key + "health.lua:1: the text is too long for this pattern"), health);
    }

    [Theory]
    [InlineData("local function f() return 1 + f() end f()", "it was stopped because it uses more than 16 MiB")]
    [InlineData("local function f(s) return (s:gsub('.', f)) end f('a')", "stack overflow")]
    public void Script_WithDeepRecursion_IsUnknown(string lua, string message)
    {
        var health = Run(lua);

        Assert.Equal(HealthStatus.Unknown, health?.Status);
        Assert.Contains(message, health?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Script_NestedTooDeeply_IsRefusedWhenItIsRead()
    {
        var fault = Assert.Throws<FormatException>(() => Health("return " + new string('(', 5000) + "1" + new string(')', 5000)));

        Assert.Contains("C stack overflow", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("('x').rep.anything")]
    [InlineData("('').__index")]
    [InlineData("#_G.string")]
    public void Script_LookingBehindStrings_FindsNothing(string expression) => Assert.Contains(Text($"pcall(function() return {expression} end)"), (string[])["true", "false"]);

    [Fact]
    public void Script_ThatChangesTheLibraries_ChangesThemForItselfAlone()
    {
        using var scripts = Health("if obj.spec.spoil then string.format = nil; table.concat = nil; tostring = nil; left = 'behind' end\nreturn {status='Healthy', message=string.format('%s %s', ('a'):upper(), left)}");

        Assert.Equal(HealthStatus.Unknown, scripts.Assess(Live("""{"metadata":{"name":"w"},"spec":{"spoil":true}}"""))?.Status);
        Assert.Equal(new(HealthStatus.Healthy, "A nil"), scripts.Assess(Live(Widget)));
    }

    [Fact]
    public void Script_WithBytecode_IsRefusedWhenItIsRead()
    {
        var fault = Assert.Throws<FormatException>(() => Of("resource.customizations.health.example.com_Widget: \"\\eLua\""));

        Assert.Contains("attempt to load a binary chunk", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Script_AnsweringAHugeTable_IsReadWithoutHarm()
    {
        Assert.Equal(new(HealthStatus.Healthy, ""), Run("local t = {status='Healthy'} for i = 1, 100000 do t[i] = i end return t"));
        Assert.Equal(1001, Run("return {status='Degraded', message=string.rep('m', 1000000)}")!.Message.Length);
    }

    [Fact]
    public void Object_NestedTooDeeply_IsUnknown()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 300)) + "1" + new string('}', 300);

        Assert.Equal(new(HealthStatus.Unknown, Key + "the object is nested too deeply for a script"), Run("return {status='Healthy'}", $$"""{"metadata":{"name":"w"},"spec":{{deep}}}"""));
    }

    [Fact]
    public void Script_OverItsTime_IsStopped()
    {
        var limits = new SandboxLimits { Time = TimeSpan.Zero };

        Assert.Equal(new(HealthStatus.Unknown, Key + "it was stopped after 0 s"), Run("while true do end", limits: limits));
    }

    [Fact]
    public void Sandboxes_UsedFromManyThreads_AnswerEachItsOwn()
    {
        using var scripts = Health("if obj.spec.loop then while true do end end\nreturn {status='Healthy', message=obj.metadata.name}");

        var answers = new string?[400];
        Parallel.For(0, answers.Length, i => answers[i] = scripts.Assess(Live($$"""{"metadata":{"name":"w{{i}}"},"spec":{"loop":{{(i % 100 == 7 ? "true" : "false")}}} }"""))?.Message);

        for (var i = 0; i < answers.Length; i++)
            Assert.Equal(i % 100 == 7 ? Key + "it was stopped after 2000000 instructions" : $"w{i}", answers[i]);
    }
}
