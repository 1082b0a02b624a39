using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Discovery;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class CatalogPoolTests
{
    private readonly CatalogPool _pool = new();

    [Fact]
    public void Get_ServersOfTheSameKinds_ShareOneCatalog()
    {
        var first = _pool.Get([Kind("ConfigMap", "get", "list"), Kind("Secret", "get")], ["b/v1", "a/v1"]);

        Assert.Same(first, _pool.Get([Kind("ConfigMap", "list", "get"), Kind("Secret", "get")], ["a/v1", "b/v1"]));
    }

    [Fact]
    public void Get_AnyDifference_IsACatalogOfItsOwn()
    {
        var first = _pool.Get([Kind("ConfigMap", "get"), Kind("Secret", "get")], []);
        ApiCatalog[] others =
        [
            _pool.Get([Kind("ConfigMap", "get")], []),
            _pool.Get([Kind("ConfigMap", "get", "watch"), Kind("Secret", "get")], []),
            _pool.Get([Kind("ConfigMap", "get"), Kind("Secret", "get")], ["a/v1"]),
            _pool.Get([Kind("ConfigMap", "get") with { Namespaced = false }, Kind("Secret", "get")], []),
            // The order is the server's preference.
            _pool.Get([Kind("Secret", "get"), Kind("ConfigMap", "get")], []),
        ];

        Assert.Equal(6, others.Append(first).Distinct().Count());
        Assert.False(others[2].IsComplete);
    }

    private static ApiResource Kind(string kind, params string[] verbs) => new("", "v1", kind, kind + "s", true, new HashSet<string>(verbs, StringComparer.Ordinal));
}
