using GitOpsGrains.Abstractions.Status;
using Microsoft.Extensions.Time.Testing;
using static GitOpsGrains.Lua.Tests.Scripts;

namespace GitOpsGrains.Lua.Tests;

/// <summary>Scripts in the manner of Argo CD users, and what they see and answer.</summary>
public sealed class HealthScriptTests
{
    private const string Certificate = """
        local hs = {}
        if obj.status ~= nil and obj.status.conditions ~= nil then
          for i, condition in ipairs(obj.status.conditions) do
            if condition.type == "Ready" and condition.status == "False" then
              hs.status = "Degraded"
              hs.message = condition.message
              return hs
            end
            if condition.type == "Ready" and condition.status == "True" then
              hs.status = "Healthy"
              hs.message = condition.message
              return hs
            end
          end
        end
        hs.status = "Progressing"
        hs.message = "Waiting for certificate"
        return hs
        """;

    private const string Cluster = """
        hs = { status = "Progressing", message = "Waiting for members" }
        local function ready(members)
          local count = 0
          for _, member in pairs(members or {}) do
            if string.match(member.state or "", "^[Rr]eady") then count = count + 1 end
          end
          return count
        end
        if obj.spec.suspend == true then
          return { status = "Suspended", message = "Cluster is suspended" }
        end
        local have, want = ready((obj.status or {}).members), obj.spec.replicas
        if have >= want then
          hs.status = "Healthy"
          hs.message = table.concat({ have, want }, "/") .. " members ready"
        elseif table.getn((obj.status or {}).failures or {}) > 0 then
          hs.status = "Degraded"
          hs.message = obj.status.failures[1].reason:lower()
        end
        return hs
        """;

    [Theory]
    [InlineData("{}", HealthStatus.Progressing, "Waiting for certificate")]
    [InlineData("""{"conditions":[{"type":"Issuing","status":"True"},{"type":"Ready","status":"False","message":"expired"}]}""", HealthStatus.Degraded, "expired")]
    [InlineData("""{"conditions":[{"type":"Ready","status":"True","message":"up to date"}]}""", HealthStatus.Healthy, "up to date")]
    public void Certificate_Conditions_DecideItsHealth(string status, HealthStatus expected, string message) =>
        Assert.Equal(new(expected, message), Run(Certificate, """{"metadata":{"name":"w"},"status":""" + status + "}"));

    [Theory]
    [InlineData("""{"replicas":2}""", "null", HealthStatus.Progressing, "Waiting for members")]
    [InlineData("""{"replicas":2,"suspend":true}""", "{}", HealthStatus.Suspended, "Cluster is suspended")]
    [InlineData("""{"replicas":2}""", """{"members":[{"state":"Ready"},{"state":"ready-ro"}]}""", HealthStatus.Healthy, "2/2 members ready")]
    [InlineData("""{"replicas":2}""", """{"members":[{"state":"Joining"}],"failures":[{"reason":"NoQuorum"}]}""", HealthStatus.Degraded, "noquorum")]
    public void Cluster_Members_DecideItsHealth(string spec, string status, HealthStatus expected, string message) =>
        Assert.Equal(new(expected, message), Run(Cluster, "{\"metadata\":{\"name\":\"w\"},\"spec\":" + spec + ",\"status\":" + status + "}"));

    [Theory]
    [InlineData("Healthy", HealthStatus.Healthy)]
    [InlineData("Progressing", HealthStatus.Progressing)]
    [InlineData("Degraded", HealthStatus.Degraded)]
    [InlineData("Suspended", HealthStatus.Suspended)]
    [InlineData("Missing", HealthStatus.Missing)]
    [InlineData("Unknown", HealthStatus.Unknown)]
    public void Status_OfEachName_IsThatStatus(string name, HealthStatus expected) => Assert.Equal(new(expected, "m"), Run($"return {{status='{name}', message='m'}}"));

    [Theory]
    [InlineData("return {status='healthy'}", "the health script answered an unknown status: healthy")]
    [InlineData("return {status=7}", "the health script answered an unknown status: 7")]
    [InlineData("return {}", "the health script answered no status")]
    [InlineData("return {status={}}", "the health script answered no status")]
    [InlineData("return 'Healthy'", "the health script answered a string, not a table")]
    [InlineData("return 1", "the health script answered a number, not a table")]
    [InlineData("return print", "the health script answered a function, not a table")]
    public void Answer_ThatIsNonsense_IsUnknown(string lua, string message) => Assert.Equal(new(HealthStatus.Unknown, message), Run(lua));

    [Theory]
    [InlineData("return nil")]
    [InlineData("local x = 1")]
    public void Answer_OfNothing_IsNoHealth(string lua) => Assert.Null(Run(lua));

    [Theory]
    [InlineData("obj.apiVersion", "example.com/v1")]
    [InlineData("obj.kind", "Widget")]
    [InlineData("obj.metadata.generation + 1", "4")]
    [InlineData("obj.spec.replicas", "2")]
    [InlineData("#obj.spec.hosts .. obj.spec.hosts[2]", "2b")]
    [InlineData("obj.metadata.labels.team", "a")]
    [InlineData("obj.metadata.managedFields", "nil")]
    [InlineData("obj.spec.nothing", "nil")]
    [InlineData("unpack({7, 8})", "7")]
    [InlineData("select('#', 1, nil, 3)", "3")]
    [InlineData("math.pow(2, 3) == 8", "true")]
    [InlineData("('x-y'):gsub('%-', '+')", "x+y")]
    [InlineData("string.find('a.b', '.', 1, true)", "2")]
    [InlineData("pcall(error, 'x')", "false")]
    [InlineData("require('os') == os", "true")]
    [InlineData("_G.obj == obj", "true")]
    public void Script_Sees(string expression, string expected) => Assert.Equal(expected, Text(expression));

    [Fact]
    public void Script_SeesTextOfAnyScript_AndAnswersIt()
    {
        var live = """{"metadata":{"name":"w"},"status":{"message":"größer → 大 \u0000 end","big":9007199254740993,"half":0.5,"yes":true,"none":null}}""";

        Assert.Equal("größer → 大 \0 end", Run("return {status='Degraded', message=obj.status.message}", live)?.Message);
        Assert.Equal("9007199254740993 0.5 true nil", Text("table.concat({tostring(obj.status.big), tostring(obj.status.half), tostring(obj.status.yes), tostring(obj.status.none)}, ' ')", live));
    }

    [Fact]
    public void Os_KnowsTheTimeOfTheSystemItRunsIn()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
        using var scripts = Health("return {status='Healthy', message=os.time() .. ' ' .. os.date('!%Y-%m-%dT%XZ')}", time);

        Assert.Equal("1772600767 2026-03-04T05:06:07Z", scripts.Assess(Live(Widget))?.Message);
    }
}
