using System.Reflection;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Grains.Catalog;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Catalog;

public sealed class StateRecordsTests
{
    /// <summary>A state that is not listed would be left behind by copies and backups.</summary>
    [Fact]
    public void StatesOf_AllGrainTypes_AreThoseThatTheGrainsDeclare()
    {
        var declared = typeof(StateRecords).Assembly.GetTypes()
            .SelectMany(type => type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
                .Select(parameter => parameter.GetCustomAttribute<PersistentStateAttribute>()).OfType<PersistentStateAttribute>()
                .Select(state => $"{type.GetCustomAttributesData().Single(data => data.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value} {state.StateName}"));
        Assert.Equal(declared.Order(StringComparer.Ordinal), StateRecords.StatesOf.SelectMany(pair => pair.Value.Select(state => $"{pair.Key} {state}")).Order(StringComparer.Ordinal));
    }

    /// <summary>A copy that read the state first, with fewer records, would leave out what was moved into new ones meanwhile.</summary>
    [Fact]
    public async Task List_OfATarget_HasItsNumberedRecordsBeforeTheStateThatCountsThem()
    {
        var storage = new RecordingStorage();
        await storage.WriteStateAsync("catalog", default, new GrainState<CatalogState>(new CatalogState { Names = { [CatalogKind.Target] = ["default/web/prod"], [CatalogKind.Application] = ["default/web"] } }));
        await storage.WriteStateAsync("target", default, new GrainState<TargetState>(new TargetState { InventoryRecords = 2 }));

        var listed = await StateRecords.ListAsync(storage, default).Select(record => $"{record.Grain.Type} {record.State}").Distinct().ToArrayAsync();

        Assert.Equal(["target inventory-0", "target inventory-1", "target target", "target history", "application application"], listed[..5]);
    }
}
