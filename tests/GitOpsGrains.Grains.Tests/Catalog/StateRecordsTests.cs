using System.Reflection;
using GitOpsGrains.Grains.Catalog;

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
}
