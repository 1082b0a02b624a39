using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Lua.Sandbox;
using Microsoft.Extensions.Logging;
using LuaState = KeraLua.Lua;

namespace GitOpsGrains.Lua.Customizations;

/// <summary>Health and actions by an administrator's scripts. Used from many threads at once.</summary>
public sealed partial class LuaCustomizations : IHealthScripts, IDisposable
{
    private const long MaxFile = 4 * 1024 * 1024;
    private const int MaxMessage = 1000;

    private readonly SandboxPool _sandboxes;
    private readonly IReadOnlyList<Customization> _items;
    private readonly ConcurrentDictionary<(string Group, string Kind), LuaScript?> _health = [];

    private LuaCustomizations(IReadOnlyList<Customization> items, SandboxPool sandboxes) => (_items, _sandboxes) = (items, sandboxes);

    /// <summary>Reads the file and compiles all its scripts. Errors: <see cref="CustomizationsException"/>.</summary>
    public static LuaCustomizations Load(string file, TimeProvider time, ILogger<LuaCustomizations> logger)
    {
        string text;
        try
        {
            if (new FileInfo(file).Length > MaxFile) throw new CustomizationsException($"the customizations in {file} are larger than {MaxFile / (1024 * 1024)} MiB");
            text = File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CustomizationsException($"the customizations in {file} can't be read: {fault.Message}");
        }
        try
        {
            return Parse(text, time, notice => LogNotice(logger, file, notice));
        }
        catch (FormatException fault)
        {
            throw new CustomizationsException($"the customizations in {file} can't be used: {fault.Message}");
        }
    }

    /// <summary>Errors: <see cref="FormatException"/>.</summary>
    internal static LuaCustomizations Parse(string text, TimeProvider time, Action<string> notice, SandboxLimits? limits = null)
    {
        var set = CustomizationsReader.Read(text);
        var sandboxes = new SandboxPool(limits ?? new SandboxLimits(), time);
        foreach (var script in set.Items.SelectMany(ScriptsOf))
            if (sandboxes.Check(script) is { } fault)
                throw new FormatException($"{script.Name}: {fault}");
        foreach (var sentence in set.Notices) notice(sentence);
        return new LuaCustomizations(set.Items, sandboxes);
    }

    public bool Covers(string group, string kind) => HealthOf(group, kind) is not null;

    public ObjectHealth? Assess(LiveObject live)
    {
        if (HealthOf(live.Id.Group, live.Id.Kind) is not { } script) return HealthRules.Assess(live);
        var outcome = _sandboxes.Run(script, live, ReadHealth);
        return outcome.Fault is { } fault ? Unknown($"{script.Name}: {fault}") : outcome.Value;
    }

    public void Dispose() => _sandboxes.Dispose();

    private LuaScript? HealthOf(string group, string kind) =>
        _health.TryGetValue((group, kind), out var known) ? known : _health.GetOrAdd((group, kind), Find(group, kind, item => item.Health));

    /// <summary>The one for exactly this kind, else the first in the file that matches and has what is asked for.</summary>
    private T? Find<T>(string group, string kind, Func<Customization, T?> part) where T : class
    {
        var name = KindPattern.NameOf(group, kind);
        foreach (var item in _items)
            if (item.Pattern.Text == name && part(item) is { } exact)
                return exact;
        foreach (var item in _items)
            if (!item.Pattern.IsExact && item.Pattern.Matches(group, kind) && part(item) is { } found)
                return found;
        return null;
    }

    private static ObjectHealth? ReadHealth(LuaState lua)
    {
        var type = lua.Type(-1);
        if (type == KeraLua.LuaType.Nil) return null;
        if (type != KeraLua.LuaType.Table) return Unknown($"the health script answered a {type.ToString().ToLowerInvariant()}, not a table");
        var status = LuaJson.TextField(lua, "status");
        if (StatusOf(status) is not { } known) return Unknown(status is null ? "the health script answered no status" : $"the health script answered an unknown status: {status}");
        return new ObjectHealth(known, Cut(LuaJson.TextField(lua, "message") ?? ""));
    }

    private static HealthStatus? StatusOf(string? text) => text switch
    {
        "Healthy" => HealthStatus.Healthy,
        "Progressing" => HealthStatus.Progressing,
        "Degraded" => HealthStatus.Degraded,
        "Suspended" => HealthStatus.Suspended,
        "Missing" => HealthStatus.Missing,
        "Unknown" => HealthStatus.Unknown,
        _ => null,
    };

    private static ObjectHealth Unknown(string message) => new(HealthStatus.Unknown, Cut(message));

    private static string Cut(string message) => message.Length <= MaxMessage ? message : message[..MaxMessage] + "…";

    private static IEnumerable<LuaScript> ScriptsOf(Customization item)
    {
        if (item.Health is { } health) yield return health;
        if (item.Actions is not { } actions) yield break;
        yield return actions.Discovery;
        foreach (var definition in actions.Definitions.Values) yield return definition;
    }

    [LoggerMessage(8101, LogLevel.Warning, "Customizations in {File}: {Notice}")]
    private static partial void LogNotice(ILogger logger, string file, string notice);
}
