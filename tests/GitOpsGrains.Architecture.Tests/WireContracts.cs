using System.Globalization;
using System.Reflection;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>
/// What silos and gateways of two versions say to each other while one is rolled out: of each serialised type its alias, its
/// numbers and what they mean. Lines of a contract: <c>alias type</c>, below it <c>  number name type</c>; a number that is
/// gone stays as <c>  number -</c>, so that it never means something else.
/// </summary>
internal static class WireContracts
{
    private const string Retired = "-";

    /// <summary>By alias: the type's own name and its numbers.</summary>
    public static SortedDictionary<string, SortedDictionary<int, string>> Describe(IEnumerable<Type> types)
    {
        var contracts = new SortedDictionary<string, SortedDictionary<int, string>>(StringComparer.Ordinal);
        foreach (var type in types.Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null))
            contracts.Add(AliasOf(type), type.IsEnum ? Words(type) : Members(type));
        return contracts;
    }

    public static SortedDictionary<string, SortedDictionary<int, string>> Parse(string text)
    {
        var contracts = new SortedDictionary<string, SortedDictionary<int, string>>(StringComparer.Ordinal);
        SortedDictionary<int, string>? members = null;
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] != ' ')
            {
                contracts.Add(line, members = []);
                continue;
            }
            var parts = line.Trim().Split(' ', 2);
            (members ?? throw new FormatException($"'{line}' stands below no type")).Add(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
        }
        return contracts;
    }

    /// <summary>What in the code contradicts what was shipped; then what is not listed yet.</summary>
    public static IEnumerable<string> Violations(
        IReadOnlyDictionary<string, SortedDictionary<int, string>> shipped, IReadOnlyDictionary<string, SortedDictionary<int, string>> now)
    {
        foreach (var (alias, members) in shipped)
        {
            if (!now.TryGetValue(alias, out var present))
            {
                yield return $"{alias} is gone: an older silo may still send it";
                continue;
            }
            foreach (var (number, member) in members)
            {
                var found = present.GetValueOrDefault(number, Retired);
                if (found == member) continue;
                yield return member == Retired ? $"{alias} {number} was used before; '{found}' needs a new number"
                    : found == Retired ? $"{alias} {number} ('{member}') is gone; write '  {number} -' in its place"
                    : $"{alias} {number} was '{member}' and is '{found}'";
            }
            foreach (var (number, member) in present)
                if (!members.ContainsKey(number)) yield return $"{alias} {number} '{member}' is not listed";
        }
        foreach (var alias in now.Keys.Except(shipped.Keys)) yield return $"{alias} is not listed";
    }

    /// <summary>With all that is new; what was shipped stays as it is written.</summary>
    public static string Write(SortedDictionary<string, SortedDictionary<int, string>> shipped, SortedDictionary<string, SortedDictionary<int, string>> now)
    {
        var lines = new List<string> { "# What is serialised between silos and gateways. Additions: GITOPSGRAINS_LIST_CONTRACTS=1 and the test WireContractTests." };
        foreach (var alias in shipped.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            lines.Add(alias);
            var members = new SortedDictionary<int, string>(shipped.GetValueOrDefault(alias) ?? []);
            foreach (var (number, member) in now.GetValueOrDefault(alias) ?? []) members.TryAdd(number, member);
            lines.AddRange(members.Select(member => $"  {member.Key} {member.Value}"));
        }
        return string.Join('\n', lines) + "\n";
    }

    private static string AliasOf(Type type) => type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName!;

    private static SortedDictionary<int, string> Words(Type type)
    {
        var words = new SortedDictionary<int, string>();
        foreach (var word in Enum.GetNames(type)) words.Add(Convert.ToInt32(Enum.Parse(type, word), CultureInfo.InvariantCulture), word);
        return words;
    }

    private static SortedDictionary<int, string> Members(Type type)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var members = new SortedDictionary<int, string>();
        foreach (var member in type.GetMembers(Own))
        {
            if (member.GetCustomAttribute<IdAttribute>() is not { } id) continue;
            var kind = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
            members.Add((int)id.Id, $"{member.Name} {NameOf(kind)}");
        }
        return members;
    }

    /// <summary>Types of ours by their alias: they may be renamed.</summary>
    private static string NameOf(Type type) =>
        type.IsArray ? $"{NameOf(type.GetElementType()!)}[]"
        : Nullable.GetUnderlyingType(type) is { } value ? $"{NameOf(value)}?"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.GetCustomAttribute<GenerateSerializerAttribute>() is not null ? AliasOf(type)
        : type.Name;
}
