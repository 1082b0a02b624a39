using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>The secrets of the providers, read again after 10 s so that a new one is taken up without a restart.</summary>
internal sealed partial class WebhookSecrets(WebhookOptions options, IOptions<SecretOptions> local, TimeProvider time, ILogger<WebhookSecrets> logger)
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
        var secret = Usable(await ReadAsync(reference, cancellationToken), provider);
        _known[provider] = (secret, time.GetTimestamp());
        return secret;
    }

    /// <summary>Null, and a line in the log, for one that can't be used.</summary>
    /// <param name="whose">For the log.</param>
    public byte[]? Usable(WebhookSecret secret, string whose)
    {
        if (secret.Value is not { } value)
        {
            LogUnreadable(whose, secret.Fault ?? "it can't be had");
            return null;
        }
        var bytes = Encoding.UTF8.GetBytes(value);
        if (bytes.Length >= Shortest) return bytes;
        LogTooShort(whose, Shortest);
        return null;
    }

    private async Task<WebhookSecret> ReadAsync(SecretReference reference, CancellationToken cancellationToken)
    {
        try
        {
            return new WebhookSecret { Value = await LocalSecrets.ReadAsync(reference, local.Value, cancellationToken) };
        }
        catch (SecretException failure)
        {
            return new WebhookSecret { Fault = failure.Message };
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "Webhooks of {Whose} are refused: {Reason}")]
    private partial void LogUnreadable(string whose, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "Webhooks of {Whose} are refused: the secret has less than {Shortest} bytes")]
    private partial void LogTooShort(string whose, int shortest);
}
