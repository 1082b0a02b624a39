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
    public async Task Store_OfManyAtOnceThatFoundNone_KeepsOneForAll()
    {
        const int silos = 6;
        for (var round = 0; round < 40; round++)
        {
            var keys = Path.Combine(_directory["data"], $"keys-{round}");
            using var start = new Barrier(silos);
            // Each on a thread of its own: they wait for each other.
            var seen = await Task.WhenAll(Enumerable.Range(0, silos).Select(silo => Task.Factory.StartNew(
                () =>
                {
                    var repository = new DurableKeyRepository(keys);
                    Assert.Empty(repository.GetAllElements());
                    start.SignalAndWait();
                    repository.StoreElement(new XElement("key", $"of silo {silo}"), $"key-{silo}");
                    return Assert.Single(repository.GetAllElements()).Value;
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            Assert.Single(seen.Append(Assert.Single(new DurableKeyRepository(keys).GetAllElements()).Value).Distinct());
            Assert.Single(Directory.GetFileSystemEntries(keys));
        }
    }

    [Fact]
    public async Task Store_WhileAnotherMakesTheFirst_WaitsForThatOne()
    {
        Claim(0);
        var late = New();
        Assert.Empty(late.GetAllElements());
        var storing = Task.Run(() => late.StoreElement(new XElement("key", "late"), "key-2"));
        await File.WriteAllTextAsync(Path.Combine(Keys, "first.new"), "<key>first</key>", TestContext.Current.CancellationToken);
        Assert.False(storing.IsCompleted);

        File.Move(Path.Combine(Keys, "first.new"), Path.Combine(Keys, "first-key.xml"));

        await storing;
        Assert.Equal(["first"], late.GetAllElements().Select(element => element.Value));
    }

    [Fact]
    public void Store_AfterThoseWhoMadeTheFirstHaveDied_StoresIt()
    {
        Claim(0);
        Claim(1);
        new DurableKeyRepository(Keys, TimeSpan.FromMilliseconds(50)).StoreElement(new XElement("key", "mine"), "key-1");
        Assert.Equal(["mine"], New().GetAllElements().Select(element => element.Value));
        Assert.Equal(["first-key.xml"], Directory.GetFileSystemEntries(Keys).Select(Path.GetFileName));
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

    private string Keys => Path.Combine(_directory["data"], "keys");

    private void Claim(int round) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Keys).FullName, $"first-key.claim-{round}"), "");

    private DurableKeyRepository New() => new(Keys);
}
