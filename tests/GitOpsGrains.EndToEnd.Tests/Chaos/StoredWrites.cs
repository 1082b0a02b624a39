using System.Globalization;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>How often objects were written, as the store of the API server counts it, whoever wrote and whatever the server has forgotten.</summary>
internal static class StoredWrites
{
    /// <summary>All of <see cref="Manifests.ConfigMaps"/> are there, each written so often. The output says how many writes were too many.</summary>
    public static async Task AssertAsync(ApiServer server, string space, int many, int each)
    {
        var writes = (await server.ReadWritesAsync("configmaps", space)).Where(item => item.Key.Contains("/item-", StringComparison.Ordinal)).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{writes.Sum(item => item.Value - each)} of {writes.Sum(item => item.Value)} writes were made twice"));
        Assert.Equal(many, writes.Length);
        Assert.All(writes, item => Assert.Equal(each, item.Value));
    }
}
