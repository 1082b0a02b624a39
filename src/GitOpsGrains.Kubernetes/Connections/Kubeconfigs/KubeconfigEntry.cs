using YamlDotNet.RepresentationModel;

namespace GitOpsGrains.Kubernetes.Connections.Kubeconfigs;

/// <summary>One mapping of a kubeconfig. Remembers which keys were asked for: the rest is something that would be ignored.</summary>
internal sealed class KubeconfigEntry(YamlMappingNode node, string place)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { "extensions" };

    public string Place => place;

    public string? Text(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value is not YamlScalarNode scalar) throw new KubeconfigException($"{place}: '{key}' is no text");
        return string.IsNullOrEmpty(scalar.Value) ? null : scalar.Value;
    }

    public string Required(string key) => Text(key) ?? throw new KubeconfigException($"{place} has no '{key}'");

    public bool Flag(string key) => Text(key) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw new KubeconfigException($"{place}: '{key}' is '{other}', neither true nor false"),
    };

    public KubeconfigEntry? Entry(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode map => new KubeconfigEntry(map, $"{place}.{key}"),
        _ => throw new KubeconfigException($"{place}: '{key}' is no mapping"),
    };

    public IReadOnlyList<string> Texts(string key) =>
        [.. Items(key).Select(item => item is YamlScalarNode { Value: { } value } ? value : throw new KubeconfigException($"{place}: '{key}' holds more than texts"))];

    public IEnumerable<KubeconfigEntry> Entries(string key) =>
        Items(key).Select(item => item is YamlMappingNode map ? new KubeconfigEntry(map, $"{place}.{key}") : throw new KubeconfigException($"{place}: '{key}' holds more than mappings"));

    /// <summary>The keys of a mapping of lists or texts, such as as-user-extra.</summary>
    public IEnumerable<string> Keys() => node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "");

    public bool Has(string key) => Find(key) is not null;

    /// <summary>A key that is read elsewhere.</summary>
    public void Know(string key) => _known.Add(key);

    /// <summary>Call when all known keys have been asked for.</summary>
    public void RefuseUnknown()
    {
        var unknown = Keys().Where(key => !_known.Contains(key)).ToList();
        if (unknown.Count > 0) throw new KubeconfigException($"{place}: '{unknown[0]}' is not supported");
    }

    private IEnumerable<YamlNode> Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        _ => throw new KubeconfigException($"{place}: '{key}' is no list"),
    };

    private YamlNode? Find(string key)
    {
        _known.Add(key);
        if (!node.Children.TryGetValue(new YamlScalarNode(key), out var value)) return null;
        var isNull = value is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "null" or "~" };
        return isNull ? null : value;
    }
}
