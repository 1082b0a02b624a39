using System.Runtime.CompilerServices;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Grains.Installations;
using GitOpsGrains.Grains.Repositories;
using GitOpsGrains.Grains.Targets;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Catalog;

/// <summary>
/// All records that grains may have in a storage: those of the fixed grains, the catalog, and what the catalog names. Storage
/// providers can't list; this is what copies and backups walk.
/// </summary>
public static class StateRecords
{
    /// <summary>Under which state names a grain of each type keeps its records; the inventory of a target and the subscribers of a repository have more, numbered ones.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> StatesOf = new Dictionary<string, IReadOnlyList<string>>
    {
        ["access"] = ["access"],
        ["installation"] = ["installation"],
        ["repositorycredentials"] = ["repositorycredentials"],
        ["catalog"] = ["catalog"],
        ["repository"] = ["repository"],
        ["repository-address"] = ["repository-address"],
        ["project"] = ["project"],
        ["cluster"] = ["cluster"],
        ["application"] = ["application"],
        ["target"] = ["target", "history"],
        ["credential"] = ["credential"],
    };

    private static readonly string[] Single = ["access", "installation", "repositorycredentials"];

    private static readonly IReadOnlyDictionary<CatalogKind, string> TypeOf = new Dictionary<CatalogKind, string>
    {
        [CatalogKind.Repository] = "repository",
        [CatalogKind.Project] = "project",
        [CatalogKind.Cluster] = "cluster",
        [CatalogKind.Application] = "application",
        [CatalogKind.Target] = "target",
        [CatalogKind.Credential] = "credential",
    };

    /// <summary>
    /// Names of records, each once; some may not be there. Targets come first, then applications: where silos write meanwhile, an
    /// application that is read later than its targets knows all that was handed down to them, and hands down what comes then.
    /// Numbered records come before the state that says how many there are: that is written before they are divided anew, so that
    /// what is read of them is whole together with those that the state names.
    /// </summary>
    public static async IAsyncEnumerable<(string State, GrainId Grain)> ListAsync(IGrainStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var records = new List<(string State, GrainId Grain)>();
        await foreach (var record in WalkAsync(storage, cancellationToken)) records.Add(record);
        foreach (var record in records.OrderBy(RankOf).ThenBy(record => record.Grain.Type)) yield return record;
    }

    private static int RankOf((string State, GrainId Grain) record) => (record.Grain.Type.ToString(), IsNumbered: char.IsAsciiDigit(record.State[^1])) switch
    {
        ("target", true) => 0,
        ("target", _) => 1,
        ("application", _) => 2,
        (_, true) => 3,
        _ => 4,
    };

    /// <summary>Of the installation that the records belong to; null where none has begun.</summary>
    public static async Task<string?> InstallationOfAsync(IGrainStorage storage, CancellationToken cancellationToken)
    {
        var id = GrainId.Create(GrainType.Create("installation"), GrainIdKeyExtensions.CreateIntegerKey(0));
        var stored = await ReadAsync<InstallationState>(storage, "installation", id, cancellationToken);
        return stored.Name.Length > 0 ? stored.Name : null;
    }

    private static async IAsyncEnumerable<(string State, GrainId Grain)> WalkAsync(IGrainStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var type in Single)
            foreach (var record in Of(type, GrainIdKeyExtensions.CreateIntegerKey(0))) yield return record;
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        for (var partition = 0; partition < CatalogPartitions.Count; partition++)
        {
            var id = GrainId.Create(GrainType.Create("catalog"), GrainIdKeyExtensions.CreateIntegerKey(partition));
            yield return ("catalog", id);
            var catalog = await ReadAsync<CatalogState>(storage, "catalog", id, cancellationToken);
            foreach (var (kind, names) in catalog.Names)
            {
                // The documents of this kind lie all in one grain.
                if (kind == CatalogKind.RepositoryCredentials) continue;
                foreach (var name in names)
                    await foreach (var record in OfNameAsync(storage, TypeOf[kind], name, addresses, cancellationToken)) yield return record;
            }
        }
    }

    private static async IAsyncEnumerable<(string State, GrainId Grain)> OfNameAsync(
        IGrainStorage storage, string type, string name, HashSet<string> addresses, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var id = GrainId.Create(type, name);
        foreach (var record in Of(type, id.Key)) yield return record;
        if (type == "target")
        {
            var target = await ReadAsync<TargetState>(storage, "target", id, cancellationToken);
            for (var index = 0; index < target.InventoryRecords; index++) yield return (TargetInventory.NameOf(index), id);
        }

        if (type != "repository") yield break;
        var repository = await ReadAsync<RepositoryState>(storage, "repository", id, cancellationToken);
        for (var index = 0; index < repository.SubscriberRecords; index++) yield return (StoredSubscribers.NameOf(index), id);
        if (repository.Document is { } document && RepositoryAddress.Of(document.Spec.Url) is { } address && addresses.Add(address))
            foreach (var record in Of("repository-address", IdSpan.Create(RepositoryAddress.KeyOf(address)))) yield return record;
    }

    private static IEnumerable<(string State, GrainId Grain)> Of(string type, IdSpan key) =>
        StatesOf[type].Select(state => (state, GrainId.Create(GrainType.Create(type), key)));

    private static async Task<T> ReadAsync<T>(IGrainStorage storage, string state, GrainId id, CancellationToken cancellationToken) where T : new()
    {
        var read = new GrainState<T>(new T());
        await storage.ReadStateAsync(state, id, read, cancellationToken);
        return read.State ?? new T();
    }
}
