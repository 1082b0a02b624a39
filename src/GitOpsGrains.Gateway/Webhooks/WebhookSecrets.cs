using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>The secrets of the providers, read again after 10 s so that a new one is taken up without a restart.</summary>
internal sealed partial class WebhookSecrets(WebhookOptions options, ISecretReader reader, TimeProvider time, ILogger<WebhookSecrets> logger)
{
    private const int Shortest = 8;
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (byte[]? Secret, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>Compared with where there is no secret, so that it takes as long.</summary>
    public byte[] Nobodys { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>Null when there is none, or none that can be used.</summary>
    public async Task<byte[]?> FindAsync(string provider, CancellationToken cancellationToken)
    {
        if (!options.Secrets.TryGetValue(provider, out var reference)) return null;
        if (_known.TryGetValue(provider, out var known) && time.GetElapsedTime(known.At) < Validity) return known.Secret;
        var secret = await ReadAsync(reference, provider, "", cancellationToken);
        _known[provider] = (secret, time.GetTimestamp());
        return secret;
    }

    /// <summary>Null, and a line in the log, for one that can't be used.</summary>
    /// <param name="whose">For the log.</param>
    /// <param name="url">Of the repository that it is for; "" for all.</param>
    public async Task<byte[]?> ReadAsync(SecretReference reference, string whose, string url, CancellationToken cancellationToken)
    {
        try
        {
            var secret = Encoding.UTF8.GetBytes(await reader.ReadAsync(reference, SecretPurpose.Webhook, url, cancellationToken));
            if (secret.Length >= Shortest) return secret;
            LogTooShort(whose, Shortest);
        }
        catch (SecretException ex)
        {
            LogUnreadable(whose, ex.Message);
        }
        return null;
    }

    [LoggerMessage(3001, LogLevel.Warning, "Webhooks of {Whose} are refused: {Reason}")]
    private partial void LogUnreadable(string whose, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "Webhooks of {Whose} are refused: the secret has less than {Shortest} bytes")]
    private partial void LogTooShort(string whose, int shortest);
}
