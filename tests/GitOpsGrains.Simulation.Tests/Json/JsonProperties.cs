using System.Text;
using System.Text.Json;
using CsCheck;
using GitOpsGrains.Simulation.Json;
using Oracle = System.Text.Json.Nodes;

namespace GitOpsGrains.Simulation.Tests.Json;

/// <summary>The nodes of the simulation against those of System.Text.Json.</summary>
public sealed class JsonProperties
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    [Fact]
    public void WhatIsWritten_IsWhatWasRead() => Gens.Json.Sample(static text =>
    {
        var written = Write(JsonNode.Parse(text));

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(text), JsonElement.Parse(written)), $"{text} became {written}");
        Assert.Equal(written, Write(JsonNode.Parse(written)));
    });

    [Fact]
    public void TextsAndKinds_AreThoseOfTheOracle() => Gens.Json.Sample(static text => Compare(JsonNode.Parse(text), JsonElement.Parse(text)));

    /// <summary>A text with a byte changed, taken out or put in is read or refused by both.</summary>
    [Fact]
    public void DamagedText_IsReadOrRefusedAsTheOracleDoes() =>
        Gen.Select(Gens.Json, Gen.Int[0, 1_000_000], Gens.AnyOf<byte>((byte)'"', (byte)'{', (byte)'}', (byte)',', (byte)'\\', (byte)'u', (byte)'d', (byte)'0', (byte)'e', 0, 0x80, 0xC3, 0xED, 0xFF), Gen.Int[0, 2])
            .Sample(static (text, place, letter, how) =>
            {
                var bytes = Gens.Utf8(text).ToList();
                var at = place % bytes.Count;
                if (how == 0) bytes[at] = letter;
                else if (how == 1) bytes.RemoveAt(at);
                else bytes.Insert(at, letter);
                byte[] damaged = [.. bytes];

                Assert.Equal(OracleReads(damaged), Reads(damaged));
            }, iter: 3000);

    [Fact]
    public void DeepEquals_IsThatOfTheOracle() =>
        Gen.Select(Gens.Json, Gens.Json, Gen.Int[0, 1_000_000], Gen.Bool).Sample(static (text, other, place, isNear) =>
        {
            // Two that have little in common, or one and the same but for a digit or letter.
            if (isNear) other = Nudge(text, place);
            var (left, right) = (JsonNode.Parse(text), JsonNode.Parse(other));

            var expected = JsonElement.DeepEquals(JsonElement.Parse(text), JsonElement.Parse(other));
            Assert.Equal(expected, JsonNode.DeepEquals(left, right));
            Assert.Equal(expected, JsonNode.DeepEquals(right, left));
            Assert.True(JsonNode.DeepEquals(left, left?.DeepClone()));
            Assert.True(JsonNode.DeepEquals(left, JsonNode.Parse(Write(left))));
        }, iter: 3000);

    /// <summary>The same edits of a map, small and wide.</summary>
    [Fact]
    public void Map_IsEditedAsTheOracleIs() =>
        Gen.Select(Gen.Int[0, 45], Gen.Select(Gen.Int[0, 5], Gen.Int[0, 50], Gen.Int[0, 9]).Array[0, 60]).Sample(static (size, edits) =>
        {
            var (mine, oracle) = (new JsonObject(), new Oracle.JsonObject());
            for (var at = 0; at < size; at++) (mine[$"n{at}"], oracle[$"n{at}"]) = (at, at);
            foreach (var (edit, number, value) in edits) Edit(mine, oracle, edit, $"n{number}", value);

            Assert.Equal(oracle.ToJsonString(), mine.ToJsonString());
            Assert.Equal(oracle.Count, mine.Count);
            for (var at = 0; at < 51; at++)
            {
                Assert.Equal(oracle.ContainsKey($"n{at}"), mine.ContainsKey($"n{at}"));
                Assert.Equal(oracle.IndexOf($"n{at}"), mine.IndexOf($"n{at}"));
                Assert.Equal(oracle.IndexOf($"n{at}"), mine.IndexOf($"n{at}", guess: at % 7));
                Assert.Equal(oracle[$"n{at}"]?.ToJsonString(), mine[$"n{at}"]?.ToJsonString());
            }
        });

    [Fact]
    public void List_IsEditedAsTheOracleIs() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.Int[0, 9]).Array[0, 40].Sample(static edits =>
        {
            var (mine, oracle) = (new JsonArray(), new Oracle.JsonArray());
            foreach (var (edit, place, value) in edits)
            {
                var at = place % (oracle.Count + 1);
                if (edit == 0) (mine, oracle) = Do(mine, oracle, list => list.Add(value), list => list.Add(value));
                else if (edit == 1) (mine, oracle) = Do(mine, oracle, list => list.Insert(at, value), list => list.Insert(at, value));
                else if (at < oracle.Count && edit == 2) (mine, oracle) = Do(mine, oracle, list => list.RemoveAt(at), list => list.RemoveAt(at));
                else if (at < oracle.Count) (mine, oracle) = Do(mine, oracle, list => list[at] = value, list => list[at] = value);
            }

            Assert.Equal(oracle.ToJsonString(), mine.ToJsonString());
        });

    [Fact]
    public void Clone_IsNoPartOfItsOriginal() => Gens.Json.Sample(static text =>
    {
        if (JsonNode.Parse(text) is not { } node) return;
        var before = Write(node);

        Scramble(node.DeepClone());

        Assert.Equal(before, Write(node));
    });

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "1e0", true)]
    [InlineData("100", "1E2", true)]
    [InlineData("0.1", "0.10", true)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    [InlineData("18446744073709551616", "18446744073709551617", false)]
    [InlineData("1e400", "1e500", false)]
    [InlineData("0", "false", false)]
    [InlineData("\"1\"", "1", false)]
    [InlineData("\"\\u0061\"", "\"a\"", true)]
    [InlineData("\"a\"", "\"\\u0061\"", true)]
    [InlineData("\"/\"", "\"\\/\"", true)]
    [InlineData("null", "null", true)]
    [InlineData("{\"a\":null}", "{}", false)]
    [InlineData("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    public void DeepEquals_OfTwo(string left, string right, bool expected) => Assert.Equal(expected, JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right)));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("{} {}")]
    [InlineData("[1,]")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("/* */ 1")]
    [InlineData("\ufeff1")]
    public void Parse_OfWhatIsNoJson_Fails(string text) => Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(text));

    [Fact]
    public void Parse_OfBytesThatAreNoUtf8_Fails() => Assert.ThrowsAny<JsonException>(static () => JsonNode.Parse(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }));

    [Fact]
    public void Parse_OfWhatNestsTooDeep_Fails()
    {
        Assert.NotNull(JsonNode.Parse(Nested(64)));
        Assert.ThrowsAny<JsonException>(static () => JsonNode.Parse(Nested(65)));
        Assert.ThrowsAny<JsonException>(static () => JsonNode.Parse(Nested(1_000_000), 256));
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Write(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static bool Reads(byte[] json)
    {
        try
        {
            JsonNode.Parse(json);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool OracleReads(byte[] json)
    {
        try
        {
            // It looks at texts only when they are asked for.
            using var document = JsonDocument.Parse(json, Strict);
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(json);
            Texts(document.RootElement);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    private static void Texts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) element.GetString();
        else if (element.ValueKind == JsonValueKind.Array) foreach (var item in element.EnumerateArray()) Texts(item);
        else if (element.ValueKind == JsonValueKind.Object) foreach (var entry in element.EnumerateObject()) Texts(Named(entry));

        static JsonElement Named(JsonProperty entry) => entry.Name.Length < 0 ? default : entry.Value;
    }

    private static void Compare(JsonNode? mine, JsonElement oracle)
    {
        Assert.Equal(oracle.ValueKind, mine?.GetValueKind() ?? JsonValueKind.Null);
        switch (mine)
        {
            case JsonObject map:
                Assert.Equal(oracle.EnumerateObject().Select(static entry => entry.Name), map.Select(static entry => entry.Key));
                foreach (var entry in oracle.EnumerateObject()) Compare(map[entry.Name], entry.Value);
                break;
            case JsonArray list:
                Assert.Equal(oracle.GetArrayLength(), list.Count);
                for (var at = 0; at < list.Count; at++) Compare(list[at], oracle[at]);
                break;
            case JsonValue value:
                Assert.Equal(oracle.ValueKind == JsonValueKind.String ? oracle.GetString() : oracle.GetRawText(), value.ToString());
                Assert.Equal(oracle.ValueKind == JsonValueKind.Number && oracle.TryGetInt64(out var whole) ? whole : null, value.TryGetValue<long>(out var number) ? number : (long?)null);
                Assert.Equal(oracle.ValueKind == JsonValueKind.String && oracle.GetString()!.Length == 0, value.IsEmptyText);
                break;
        }
    }

    private static string Nudge(string text, int place)
    {
        var at = place % text.Length;
        var changed = text[at] switch
        {
            '1' => '2',
            'a' => 'b',
            'e' => 'E',
            _ => text[at],
        };
        var other = text[..at] + changed + text[(at + 1)..];
        return OracleReads(Gens.Utf8(other)) ? other : text;
    }

    private static void Edit(JsonObject mine, Oracle.JsonObject oracle, int edit, string name, int value)
    {
        switch (edit)
        {
            case 0:
                (mine[name], oracle[name]) = (value, value);
                break;
            case 1:
                Assert.Equal(oracle.Remove(name), mine.Remove(name));
                break;
            case 2:
                Assert.Equal(oracle.TryAdd(name, value), mine.TryAdd(name, value));
                break;
            case 3 when oracle.Count > 0:
                mine.RemoveAt(value % oracle.Count);
                oracle.RemoveAt(value % oracle.Count);
                break;
            case 4 when oracle.Count > 0:
                mine.SetAt(value % oracle.Count, value);
                oracle.SetAt(value % oracle.Count, value);
                break;
            case 5:
                Assert.Equal(oracle.TryGetPropertyValue(name, out _), mine.TryGetPropertyValue(name, out _));
                break;
        }
    }

    private static (JsonArray, Oracle.JsonArray) Do(JsonArray mine, Oracle.JsonArray oracle, Action<JsonArray> edit, Action<Oracle.JsonArray> same)
    {
        edit(mine);
        same(oracle);
        return (mine, oracle);
    }

    private static void Scramble(JsonNode node)
    {
        if (node is JsonObject map)
        {
            foreach (var (_, child) in map.ToArray()) if (child is not null) Scramble(child);
            map["scrambled"] = true;
            if (map.Count > 1) map.RemoveAt(0);
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list) if (child is not null) Scramble(child);
            list.Add("scrambled");
            list[0] = 0;
        }
    }
}
