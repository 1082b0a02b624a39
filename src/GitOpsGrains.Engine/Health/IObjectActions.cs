using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>
/// The port to an administrator's actions on objects, such as a restart. Used from many threads at once. Never throws for
/// what a script does.
/// </summary>
public interface IObjectActions
{
    /// <summary>The actions that the object has at the moment, by name; none for kinds without any.</summary>
    ActionList Discover(LiveObject live);

    /// <summary>What an action makes of the object; writes nothing.</summary>
    ActionResult Run(LiveObject live, string action);
}

/// <param name="IsDisabled">It exists and can't be run in the object's present state.</param>
/// <param name="DisplayName">What people read; the name if the script gives none.</param>
public sealed record ObjectAction(string Name, bool IsDisabled, string DisplayName);

/// <param name="Fault">Why there is no list; null if there is one.</param>
public sealed record ActionList(IReadOnlyList<ObjectAction> Actions, string? Fault)
{
    public static ActionList None { get; } = new([], null);
}

/// <param name="Changed">The whole object as it should be, without managedFields.</param>
/// <param name="Fault">Why there is none; null if there is one.</param>
public sealed record ActionResult(JsonObject? Changed, string? Fault);
