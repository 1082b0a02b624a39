using System.Text.Json.Serialization;
using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Hosting;

/// <summary>What is left out reads back as it was; what differs from a new object is written.</summary>
public sealed class LeanJsonTests
{
    private static readonly SystemTextJsonGrainStorageSerializer Serializer = NewSerializer();

    [Fact]
    public void State_AsNew_IsItsValuesAlone() => Assert.Equal("""{"Version":1,"Count":0,"IsOn":true,"Words":["one"],"Inner":{"Name":"x"}}""", Write(new State()));

    [Fact]
    public void State_WithAllThatDiffers_IsWrittenWhole()
    {
        var state = new State
        {
            IsOn = false, Text = "t", Maybe = "m", Number = 0, When = DateTimeOffset.UnixEpoch, Filled = null, Words = [], List = ["a"], Map = { ["k"] = "v" },
            Inner = new Inner { Name = "", Empty = null }, Pair = new Pair("", null),
        };
        Assert.Equal(
            """{"Version":1,"Count":0,"IsOn":false,"Text":"t","Maybe":"m","Number":0,"When":"1970-01-01T00:00:00+00:00","Filled":null,"Words":[],"List":["a"],"Map":{"k":"v"},"Inner":{"Name":"","Empty":null},"Pair":{"First":"","Second":null}}""",
            Write(state));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", "", 0)]
    [InlineData("text", "filled", 7)]
    public void State_ReadBack_IsWhatWasWritten(string? maybe, string? filled, int? number)
    {
        var state = new State { Maybe = maybe, Filled = filled, Number = number, Words = [], Inner = new Inner { Name = "", Empty = null } };
        var read = Serializer.Deserialize<State>(Serializer.Serialize(state))!;
        Assert.Equal((maybe, filled, number), (read.Maybe, read.Filled, read.Number));
        Assert.Empty(read.Words);
        Assert.Equal(("", null), (read.Inner.Name, read.Inner.Empty));
        Assert.Empty(read.List);
        Assert.Equal(StringComparer.OrdinalIgnoreCase, read.Map.Comparer);
    }

    [Fact]
    public void State_WrittenWithAllMembers_IsReadAsBefore()
    {
        var read = Serializer.Deserialize<State>(BinaryData.FromString(
            """{"Version":1,"Count":3,"IsOn":false,"Text":"","Maybe":null,"Number":null,"When":null,"Filled":null,"Words":[],"List":[],"Map":{},"Inner":{"Name":"x","Empty":""},"Pair":null,"IsComputed":true}"""))!;
        Assert.Equal((3, false, "", null, null), (read.Count, read.IsOn, read.Text, read.Maybe, read.Filled));
        Assert.Equal("""{"Version":1,"Count":3,"IsOn":false,"Filled":null,"Words":[],"Inner":{"Name":"x"}}""", Write(read));
    }

    private static string Write(State state) => Serializer.Serialize(state).ToString();

    private static SystemTextJsonGrainStorageSerializer NewSerializer()
    {
        var options = new SystemTextJsonGrainStorageSerializerOptions();
        GrainStateSerialization.Apply(options);
        return new SystemTextJsonGrainStorageSerializer(Options.Create(options));
    }

    public sealed class State
    {
        public int Version { get; set; } = 1;
        public int Count { get; set; }
        public bool IsOn { get; set; } = true;
        public string Text { get; set; } = "";
        public string? Maybe { get; set; }
        public int? Number { get; set; }
        public DateTimeOffset? When { get; set; }

        /// <summary>Null is not what a new one has.</summary>
        public string? Filled { get; set; } = "";
        public IReadOnlyList<string> Words { get; set; } = ["one"];
        public List<string> List { get; set; } = [];
        public Dictionary<string, string> Map { get; set; } = new(StringComparer.OrdinalIgnoreCase);
        public Inner Inner { get; set; } = new() { Name = "x" };
        public Pair? Pair { get; set; }
        public bool IsComputed => Count > 2;
        [JsonExtensionData] public Dictionary<string, System.Text.Json.JsonElement>? Unknown { get; set; }
    }

    public sealed record Inner
    {
        public required string Name { get; init; }
        public string? Empty { get; init; } = "";
    }

    public sealed record Pair(string First, string? Second);
}
