using System.Xml.Linq;
using GitOpsGrains.Storage.Manifests;

namespace GitOpsGrains.Storage.Tests.Manifests;

public sealed class DurableKeyRepositoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Store_ThenReadAnew_GivesAllKeys()
    {
        Assert.Empty(New().GetAllElements());
        New().StoreElement(new XElement("key", "one"), "key-1");
        New().StoreElement(new XElement("key", "two"), "key-2");
        Assert.Equal(["one", "two"], New().GetAllElements().Select(element => element.Value));
    }

    [Fact]
    public void Store_OfAKeyThatIsMadeBecauseThereWasNone_GivesWayToTheOneThatCameFirst()
    {
        var (late, first) = (New(), New());
        Assert.Empty(late.GetAllElements());
        first.StoreElement(new XElement("key", "first"), "key-1");

        late.StoreElement(new XElement("key", "late"), "key-2");
        Assert.Equal(["first"], late.GetAllElements().Select(element => element.Value));

        // What follows, knowing of the first, is a key that replaces it in time.
        late.StoreElement(new XElement("key", "next"), "key-3");
        Assert.Equal(["first", "next"], New().GetAllElements().Select(element => element.Value));
    }

    [Fact]
    public void Store_NameWithAPath_StaysInTheDirectory()
    {
        New().StoreElement(new XElement("key", "one"), "../../escape");
        Assert.Single(New().GetAllElements());
        Assert.Single(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Store_CreatesDirectoriesAndFilesForTheOwnerAlone()
    {
        New().StoreElement(new XElement("key", "one"), "key-1");
        foreach (var entry in Directory.GetFileSystemEntries(_directory["data"], "*", SearchOption.AllDirectories).Append(_directory["data"]))
            FileModes.ExpectOwnerOnly(entry);
    }

    private DurableKeyRepository New() => new(Path.Combine(_directory["data"], "keys"));
}
