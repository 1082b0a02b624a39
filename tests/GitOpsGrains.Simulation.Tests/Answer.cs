using System.Text.Json;

namespace GitOpsGrains.Simulation.Tests;

/// <summary>What a server said.</summary>
public sealed record Answer(int Status, string Text, string? RetryAfter)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The message of a refusal.</summary>
    public string Message => Json.GetProperty("message").GetString()!;

    public string Version => Metadata("resourceVersion");

    public string Uid => Metadata("uid");

    public static async Task<Answer> ReadAsync(HttpResponseMessage message)
    {
        using (message) return new Answer((int)message.StatusCode, await message.Content.ReadAsStringAsync(), message.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);
    }

    /// <summary>Itself, if it is a success; else the test ends with what was said.</summary>
    public Answer Ok()
    {
        Assert.True(Status is >= 200 and < 300, $"{Status} {Text}");
        return this;
    }

    /// <summary>The names of a list's items.</summary>
    public string[] Names() => [.. Json.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("metadata").GetProperty("name").GetString()!)];

    private string Metadata(string name) => Json.GetProperty("metadata").GetProperty(name).GetString()!;
}
