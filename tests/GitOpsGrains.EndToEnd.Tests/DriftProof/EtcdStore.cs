using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>An object as the API server's store holds it: to bring an older one back as a restored snapshot does, past every API.</summary>
internal static class EtcdStore
{
    public static async Task<byte[]> ReadAsync(CaseObject item)
    {
        using var http = new HttpClient { BaseAddress = item.Server.EtcdUrl };
        return (await FindAsync(http, item)).GetProperty("value").GetBytesFromBase64();
    }

    public static async Task WriteAsync(CaseObject item, byte[] value)
    {
        using var http = new HttpClient { BaseAddress = item.Server.EtcdUrl };
        var key = (await FindAsync(http, item)).GetProperty("key").GetString();
        var before = (await item.GetJsonAsync()).GetProperty("metadata").GetProperty("resourceVersion").GetString();
        (await http.PostAsJsonAsync("/v3/kv/put", new { key, value = Convert.ToBase64String(value) })).EnsureSuccessStatusCode();
        await Testing.Eventually.TrueAsync(async () => (await item.GetJsonAsync()).GetProperty("metadata").GetProperty("resourceVersion").GetString() != before, "the restored object");
    }

    private static async Task<JsonElement> FindAsync(HttpClient http, CaseObject item)
    {
        // The server's prefix is a random name of its own: all keys of all servers of this process are looked through.
        var range = await http.PostAsJsonAsync("/v3/kv/range", new { key = Base64("/"), range_end = Base64("0") });
        var answer = await range.Content.ReadFromJsonAsync<JsonElement>();
        var suffix = $"/{item.Resource.Plural}/{item.Space}/{item.Desired.Id.Name}";
        return answer.GetProperty("kvs").EnumerateArray()
            .Single(entry => Encoding.UTF8.GetString(entry.GetProperty("key").GetBytesFromBase64()).EndsWith(suffix, StringComparison.Ordinal));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
