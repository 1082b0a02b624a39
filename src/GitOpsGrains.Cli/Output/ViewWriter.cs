using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Output;

/// <summary>Documents with their status, as a table or as data. Data is what the server sent, members unknown here included.</summary>
internal static class ViewWriter
{
    /// <summary>Where the terminal sets no other width.</summary>
    private const int MessageLength = 80;

    /// <summary>The build of a version is of interest to few.</summary>
    private const int VersionLength = 20;

    /// <param name="isList">JSON is then one object with <c>items</c>; YAML a stream that <c>apply</c> takes.</param>
    public static void Write(Terminal terminal, ResourceKind kind, IReadOnlyList<JsonObject> items, string format, bool isList)
    {
        switch (format)
        {
            case "json":
                JsonNode data = isList ? new JsonObject { ["items"] = new JsonArray([.. items]) } : items[0];
                terminal.Json(data);
                break;
            case "yaml":
                terminal.Raw(string.Join("---\n", items.Select(DocumentYaml.Write)));
                break;
            case "name":
                foreach (var item in items) terminal.Line($"{kind.Singular}/{NameOf(kind, item)}");
                break;
            default:
                if (items.Count == 0) terminal.Note($"no {kind.Plural}");
                else terminal.Write(TableOf(kind, items, format == "wide"));
                break;
        }
    }

    private static string NameOf(ResourceKind kind, JsonObject item)
    {
        if (kind == ResourceKind.Silos) return item["name"]?.ToString() ?? "";
        var name = item["metadata"]?["name"]?.ToString() ?? "";
        return kind == ResourceKind.Applications ? $"{item["spec"]?["project"]?.ToString() ?? ProjectDocument.Default}/{name}" : name;
    }

    private static StatusTable TableOf(ResourceKind kind, IReadOnlyList<JsonObject> items, bool wide) => kind.Plural switch
    {
        "applications" => Applications(Read<ApplicationView>(items), wide),
        "clusters" => Clusters(Read<ClusterView>(items), wide),
        "repositories" => Repositories(Read<RepositoryView>(items), wide),
        "silos" => Silos(Read<SiloView>(items), wide),
        "repositorycredentials" => Prefixes(Read<RepositoryCredentialsDocument>(items)),
        _ => Projects(Read<ProjectView>(items), wide),
    };

    private static StatusTable Applications(IEnumerable<ApplicationView> views, bool wide)
    {
        var table = wide
            ? new StatusTable("PROJECT", "NAME", "SYNC", "HEALTH", "REVISION", "TARGETS", "REPOSITORY", "REF", "PATH", "CLUSTERS", "MESSAGE")
            : new StatusTable("PROJECT", "NAME", "SYNC", "HEALTH", "REVISION", "TARGETS", "MESSAGE");
        foreach (var view in views)
        {
            var (spec, status) = (view.Spec, view.Status);
            var targets = $"{status.Targets.Sync.GetValueOrDefault("Synced")}/{status.Targets.Total}";
            var message = StatusTable.Short(MessageOf(status.Message, status.Conditions), wide ? int.MaxValue : MessageLength);
            if (wide) table.Add(spec.Project, view.Metadata.Name, status.Sync, HealthOf(view), StatusTable.Commit(status.Revision), targets, Joined(spec, source => source.Repository), Joined(spec, source => source.Ref), Joined(spec, source => source.Path), Destination(spec.Destination), message);
            else table.Add(spec.Project, view.Metadata.Name, status.Sync, HealthOf(view), StatusTable.Commit(status.Revision), targets, message);
        }

        return table;
    }

    private static StatusTable Clusters(IEnumerable<ClusterView> views, bool wide)
    {
        var table = wide ? new StatusTable("NAME", "STATE", "VERSION", "TARGETS", "OBJECTS", "LABELS", "OBSERVED", "MESSAGE") : new StatusTable("NAME", "STATE", "VERSION", "TARGETS", "MESSAGE");
        foreach (var view in views)
        {
            var status = view.Status;
            var message = StatusTable.Short(MessageOf(status.Message, status.Conditions), wide ? int.MaxValue : MessageLength);
            if (wide) table.Add(view.Metadata.Name, status.State, status.Version, Number(status.Targets), Number(status.Objects), Labels(view.Metadata.Labels), StatusTable.Time(status.ObservedAt), message);
            else table.Add(view.Metadata.Name, status.State, status.Version, Number(status.Targets), message);
        }

        return table;
    }

    private static StatusTable Repositories(IEnumerable<RepositoryView> views, bool wide)
    {
        var table = wide ? new StatusTable("NAME", "STATE", "URL", "APPLICATIONS", "POLL", "LAST POLL", "MESSAGE") : new StatusTable("NAME", "STATE", "URL", "APPLICATIONS", "MESSAGE");
        foreach (var view in views)
        {
            var (spec, status) = (view.Spec, view.Status);
            var message = StatusTable.Short(MessageOf(status.Message, status.Conditions), wide ? int.MaxValue : MessageLength);
            if (wide) table.Add(view.Metadata.Name, status.State, spec.Url, Number(status.Applications), Durations.Format(spec.Poll.Interval), StatusTable.Time(status.LastPoll), message);
            else table.Add(view.Metadata.Name, status.State, spec.Url, Number(status.Applications), message);
        }

        return table;
    }

    private static StatusTable Silos(IEnumerable<SiloView> views, bool wide)
    {
        var table = wide
            ? new StatusTable("NAME", "ADDRESS", "HOST", "STATUS", "SINCE", "VERSION", "ACTIVATIONS", "CLUSTERS", "NAMES", "GRAINS", "MESSAGE")
            : new StatusTable("NAME", "ADDRESS", "STATUS", "SINCE", "VERSION", "ACTIVATIONS", "CLUSTERS", "MESSAGE");
        foreach (var view in views)
        {
            var (since, activations, clusters) = (StatusTable.Time(view.Since), Number(view.Activations), Number(view.Clusters.Count));
            if (wide) table.Add(view.Name, view.Address, view.Host, view.Status, since, view.Version, activations, clusters, string.Join(',', view.Clusters), string.Join(',', view.Grains.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value}")), view.Message);
            else table.Add(view.Name, view.Address, view.Status, since, StatusTable.Short(view.Version, VersionLength), activations, clusters, view.Message);
        }

        return table;
    }

    private static StatusTable Prefixes(IEnumerable<RepositoryCredentialsDocument> documents)
    {
        var table = new StatusTable("NAME", "URL PREFIX");
        foreach (var document in documents) table.Add(document.Metadata.Name, document.Spec.UrlPrefix);
        return table;
    }

    private static StatusTable Projects(IEnumerable<ProjectView> views, bool wide)
    {
        var table = wide ? new StatusTable("NAME", "APPLICATIONS", "REPOSITORIES", "CLUSTERS", "NAMESPACES", "KINDS", "DESCRIPTION") : new StatusTable("NAME", "APPLICATIONS", "DESCRIPTION");
        foreach (var view in views)
        {
            var spec = view.Spec;
            if (wide) table.Add(view.Metadata.Name, Number(view.Status.Applications), string.Join(',', spec.Repositories), string.Join(',', spec.Clusters), string.Join(',', spec.Namespaces), string.Join(',', spec.Kinds), spec.Description);
            else table.Add(view.Metadata.Name, Number(view.Status.Applications), StatusTable.Short(spec.Description, MessageLength));
        }

        return table;
    }

    private static string Joined(ApplicationSpec spec, Func<SourceSpec, string> field) => string.Join(',', spec.AllSources.Select(field));

    private static string HealthOf(ApplicationView view) => view.Spec.Suspend ? $"{view.Status.Health} (suspended)" : view.Status.Health;

    private static string MessageOf(string message, IReadOnlyList<ConditionView> conditions) =>
        message.Length > 0 ? message : conditions.Count > 0 ? $"{conditions[0].Type}: {conditions[0].Message}" : "";

    private static string Destination(DestinationSpec destination) =>
        destination.ClusterSelector?.MatchLabels is { } labels ? (labels.Count == 0 ? "*" : Labels(labels)) : string.Join(',', destination.Clusters);

    private static string Labels(IReadOnlyDictionary<string, string> labels) =>
        string.Join(',', labels.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value}"));

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static T[] Read<T>(IReadOnlyList<JsonObject> items)
    {
        try
        {
            return items.Select(static item => item.Deserialize<T>(DocumentJson.Rest)!).ToArray();
        }
        catch (JsonException broken)
        {
            throw new CliException("the server's answer is not understood; -o json shows it as it is", inner: broken);
        }
    }
}
