using GitOpsGrains.Storage.Manifests;

namespace GitOpsGrains.Storage.Tests.Manifests;

public sealed class ManifestCacheTests
{
    [Fact]
    public void Keep_BeyondTheLimit_DropsWhatWasUsedLongestAgo()
    {
        var cache = new ManifestCache(10_000);
        for (var i = 0; i < 4; i++) cache.Keep($"{i}", new byte[2000]);
        Assert.NotNull(cache.Find("0"));
        cache.Keep("4", new byte[2000]);
        Assert.Null(cache.Find("1"));
        Assert.NotNull(cache.Find("0"));
        Assert.NotNull(cache.Find("4"));
        Assert.InRange(cache.Bytes, 8000, 10_000);
    }

    [Fact]
    public void Keep_LargerThanAQuarter_IsLeftOut()
    {
        var cache = new ManifestCache(10_000);
        cache.Keep("large", new byte[3000]);
        Assert.Null(cache.Find("large"));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void Forget_GivesTheRoomBack()
    {
        var cache = new ManifestCache(10_000);
        cache.Keep("a", new byte[100]);
        cache.Keep("a", new byte[100]);
        cache.Forget("a");
        cache.Forget("a");
        Assert.Equal(0, cache.Bytes);
    }
}
