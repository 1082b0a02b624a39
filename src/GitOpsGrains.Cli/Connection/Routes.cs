namespace GitOpsGrains.Cli.Connection;

/// <summary>The paths of REST, relative to the server's address.</summary>
internal static class Routes
{
    public const string Apply = "api/v1/apply";
    public const string Watch = "api/v1/watch";

    public static string List(string plural) => $"api/v1/{plural}";

    public static string One(string plural, string name) => $"api/v1/{plural}/{Part(name)}";

    public static string Application(ApplicationName name) => $"api/v1/applications/{Part(name.Project)}/{Part(name.Name)}";

    public static string Operation(string id) => $"api/v1/operations/{Part(id)}";

    /// <summary>Adds a query of the values that are given.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var given = new List<string>();
        foreach (var (name, value) in query)
            if (!string.IsNullOrEmpty(value)) given.Add($"{name}={Uri.EscapeDataString(value)}");
        return given.Count == 0 ? path : $"{path}?{string.Join('&', given)}";
    }

    /// <summary>Adds to a path that may have a query.</summary>
    public static string And(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var added = With("", query);
        return added.Length > 0 && path.Contains('?', StringComparison.Ordinal) ? $"{path}&{added[1..]}" : path + added;
    }

    private static string Part(string name) => Uri.EscapeDataString(name);
}
