using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Manifests;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Manifests;

/// <summary>Stored records as they are on disk, some with a member of a later version: each must read and write back unchanged.</summary>
public sealed class ManifestRecordSampleTests
{
    [Fact]
    public void Index_Sample_ReadsAndWritesBackUnchanged() => ExpectUnchanged<ManifestIndex>(
        """{"Attempt":"00ff","Chunks":2,"StoredLength":600000,"StoredDigest":"ab","Length":700000,"RenewedAt":"2026-11-23T10:00:00+00:00","Version":1,"Later":{"a":[1,null]}}""");

    [Fact]
    public void Index_SampleWithContent_ReadsAndWritesBackUnchanged() => ExpectUnchanged<ManifestIndex>(
        """{"Attempt":"00ff","Chunks":0,"Data":"AQID","StoredLength":3,"StoredDigest":"ab","Length":7,"RenewedAt":"2026-11-23T10:00:00+00:00","Version":1}""");

    [Fact]
    public void Index_SampleThatIsDamaged_ReadsAndWritesBackUnchanged() => ExpectUnchanged<ManifestIndex>(
        """{"Attempt":"00ff","Chunks":2,"StoredLength":600000,"StoredDigest":"ab","Length":700000,"RenewedAt":"2026-11-23T10:00:00+00:00","Damaged":true,"Version":1}""");

    [Fact]
    public void DigestKey_Sample_ReadsAndWritesBackUnchanged() =>
        ExpectUnchanged<ManifestDigestKey>("""{"Protected":"AQID","Version":1}""");

    [Fact]
    public void CatalogHead_Sample_ReadsAndWritesBackUnchanged() =>
        ExpectUnchanged<CatalogHead>("""{"FirstPage":3,"LastPage":9,"Version":2,"Later":true}""");

    [Fact]
    public void CatalogPage_Sample_ReadsAndWritesBackUnchanged() => ExpectUnchanged<CatalogPage>(
        """{"Entries":[{"Key":"ab","Attempt":"cd","Chunks":1,"BegunAt":"2026-11-23T10:00:00+00:00","Version":1,"Later":"x"}],"Version":1}""");

    [Fact]
    public void Chunk_JsonSample_ReadsAndWritesBackUnchanged() => ExpectUnchanged<ManifestChunk>("""{"Data":"AQID"}""");

    [Fact]
    public void Chunk_Raw_ReadsBackAndReadsJsonToo()
    {
        var serializer = new ManifestRecordSerializer(NewSerializer());
        var raw = serializer.Serialize(new ManifestChunk { Data = [7, 8] });
        Assert.Equal([1, 7, 8], raw.ToArray());
        Assert.Equal([7, 8], serializer.Deserialize<ManifestChunk>(raw)!.Data);
        Assert.Equal([1, 2, 3], serializer.Deserialize<ManifestChunk>(BinaryData.FromString("""{"Data":"AQID"}"""))!.Data);
    }

    private static void ExpectUnchanged<T>(string sample)
    {
        var serializer = NewSerializer();
        Assert.Equal(sample, serializer.Serialize(serializer.Deserialize<T>(BinaryData.FromString(sample))).ToString());
    }

    private static SystemTextJsonGrainStorageSerializer NewSerializer()
    {
        var options = new SystemTextJsonGrainStorageSerializerOptions();
        GrainStateSerialization.Apply(options);
        return new SystemTextJsonGrainStorageSerializer(Options.Create(options));
    }
}
