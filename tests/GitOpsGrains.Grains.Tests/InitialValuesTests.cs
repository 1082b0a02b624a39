using System.Text.Json.Serialization;
using GitOpsGrains.Grains.Access;
using GitOpsGrains.Grains.Repositories;
using GitOpsGrains.Grains.Targets;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.Grains.Tests;

/// <summary>Grain state leaves out what a new object has: its initial values are part of what is stored.</summary>
public sealed class InitialValuesTests
{
    /// <summary>Of all grains; the records of inventories and subscribers have none of their own.</summary>
    private static IEnumerable<Type> Stored => typeof(AccessGrain).Assembly.GetTypes().SelectMany(type => type.GetConstructors()).SelectMany(constructor => constructor.GetParameters())
        .Select(parameter => parameter.ParameterType).Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IPersistentState<>))
        .Select(type => type.GetGenericArguments()[0]).Append(typeof(InventoryRecordState)).Append(typeof(SubscriberRecordState)).Distinct();

    [Fact]
    public void StoredMembers_HaveTheInitialValuesThatRecordsLeaveOut()
    {
        Assert.Equal([], InitialValues.Violations(Path.Combine(Built.Root, "src/GitOpsGrains.Grains/InitialValues.txt"), Stored));
        Assert.True(Stored.Count() > 10, "the states are found");
    }

    [Fact]
    public void Describe_OfAType_IsEachMemberThatMayBeLeftOutAndWhatItHolds() => Assert.Equal(
        [
            ("Outer.Count", "1"), ("Outer.Inners", "[]"), ("Outer.Name", "null"), ("Outer+Inner.Text", "\"\""),
        ],
        InitialValues.Describe([typeof(Outer)]).Select(entry => (entry.Key[(typeof(InitialValuesTests).FullName!.Length + 1)..], entry.Value)).OrderBy(entry => entry.Item1, StringComparer.Ordinal)
            .Select(entry => (entry.Item1, entry.Value)).OrderBy(entry => entry.Item1.Contains('+', StringComparison.Ordinal)));

    [Fact]
    public void Violations_OfAChange_SayWhatRecordsWouldReadAs() => Assert.Equal(
        ["a was 1 and is 2: records that left it out would read as the new value", "b is gone: take its line out where no record has it any more", "d is not listed"],
        InitialValues.Violations(
            new Dictionary<string, string> { ["a"] = "1", ["b"] = "null", ["c"] = "[]" },
            new Dictionary<string, string> { ["a"] = "2", ["c"] = "[]", ["d"] = "null" }));

    private sealed class Outer
    {
        public int Count { get; set; } = 1;
        public string? Name { get; init; }
        public required string Given { get; init; }
        public IReadOnlyList<Inner> Inners { get; set; } = [];
        public bool IsComputed => Count > 2;
        [JsonExtensionData] public Dictionary<string, object>? Unknown { get; set; }

        public sealed class Inner
        {
            public string Text { get; set; } = "";
        }
    }
}
