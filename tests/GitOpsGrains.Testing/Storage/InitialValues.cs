using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GitOpsGrains.Testing.Storage;

/// <summary>
/// What the members of stored types are in a new object. Records leave out what is so, hence it may not change: an older record would
/// read as the new value. Lines of a list: <c>type.member value</c>.
/// </summary>
public static class InitialValues
{
    private const string Head = "# What members of stored types are in a new object. Additions: GITOPSGRAINS_LIST_CONTRACTS=1 and the tests InitialValuesTests. A line that is here stays as it is.";

    private static readonly JsonSerializerOptions Options = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <summary>Of these types and all that their members hold: by type and member the value as JSON.</summary>
    public static SortedDictionary<string, string> Describe(IEnumerable<Type> roots)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var (seen, open) = (new HashSet<Type>(), new Queue<Type>(roots));
        while (open.TryDequeue(out var type))
        {
            if (!seen.Add(type)) continue;
            foreach (var part in PartsOf(type)) open.Enqueue(part);
            var info = Options.GetTypeInfo(type);
            if (info.Kind != JsonTypeInfoKind.Object) continue;
            var fresh = info.CreateObject?.Invoke();
            foreach (var member in info.Properties.Where(static member => member is { Get: not null, IsExtensionData: false }))
            {
                open.Enqueue(member.PropertyType);
                // What is always given, or made by a constructor with parameters, is never left out.
                if (fresh is not null && member is { Set: not null, IsRequired: false })
                    values.Add($"{type.FullName}.{member.Name}", JsonSerializer.Serialize(member.Get!(fresh), member.PropertyType, Options));
            }
        }
        return values;
    }

    /// <summary>What contradicts the list; then what is not in it.</summary>
    public static IEnumerable<string> Violations(IReadOnlyDictionary<string, string> listed, IReadOnlyDictionary<string, string> now)
    {
        foreach (var (member, value) in listed)
        {
            if (!now.TryGetValue(member, out var found)) yield return $"{member} is gone: take its line out where no record has it any more";
            else if (found != value) yield return $"{member} was {value} and is {found}: records that left it out would read as the new value";
        }
        foreach (var member in now.Keys.Where(member => !listed.ContainsKey(member))) yield return $"{member} is not listed";
    }

    /// <summary>Compares with a list that is checked in; with <c>GITOPSGRAINS_LIST_CONTRACTS</c> set, what is new is added to it before.</summary>
    public static IEnumerable<string> Violations(string file, IEnumerable<Type> roots)
    {
        var (listed, now) = (Read(file), Describe(roots));
        if (Environment.GetEnvironmentVariable("GITOPSGRAINS_LIST_CONTRACTS") is { Length: > 0 })
        {
            foreach (var (member, value) in now) listed.TryAdd(member, value);
            File.WriteAllLines(file, listed.Select(static entry => $"{entry.Key} {entry.Value}").Prepend(Head));
        }
        return Violations(listed, now);
    }

    private static SortedDictionary<string, string> Read(string file) => new(
        (File.Exists(file) ? File.ReadAllLines(file) : []).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split(' ', 2)).ToDictionary(static parts => parts[0], static parts => parts[1]), StringComparer.Ordinal);

    private static Type[] PartsOf(Type type) => type.IsArray ? [type.GetElementType()!] : type.IsGenericType ? type.GetGenericArguments() : [];
}
