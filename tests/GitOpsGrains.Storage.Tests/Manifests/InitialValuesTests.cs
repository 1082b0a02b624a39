using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Manifests;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.Storage.Tests.Manifests;

/// <summary>The storage's own records leave out what a new object has, as the grains' states do.</summary>
public sealed class InitialValuesTests
{
    [Fact]
    public void StoredMembers_HaveTheInitialValuesThatRecordsLeaveOut() => Assert.Equal([], InitialValues.Violations(
        Path.Combine(Built.Root, "src/GitOpsGrains.Storage/InitialValues.txt"),
        [.. typeof(ManifestRecordBody).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ManifestRecordBody))), typeof(ManifestChunk), typeof(CopyMark), typeof(StorageProbeState)]));
}
