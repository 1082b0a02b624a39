using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Tls;

/// <summary>What the files say now, looked at again when a connection is made. Files that can't be used leave the last ones in use.</summary>
internal sealed partial class PeerCertificates(PeerTlsSettings settings, TimeProvider time, ILogger<PeerCertificates> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private PeerIdentity _current = PeerIdentity.Load(settings, time.GetUtcNow());
    private byte[]? _refused;
    private long _lookedAt = time.GetTimestamp();

    public PeerIdentity Current
    {
        get
        {
            lock (_lock)
            {
                if (time.GetElapsedTime(_lookedAt) >= Pause) LookAgain();
                return _current;
            }
        }
    }

    private void LookAgain()
    {
        _lookedAt = time.GetTimestamp();
        var digest = PeerIdentity.DigestOf(settings);
        if (digest is not null && (digest.AsSpan().SequenceEqual(_current.Digest) || (_refused is not null && digest.AsSpan().SequenceEqual(_refused)))) return;
        try
        {
            // The one before may still be in use by a handshake; it is the collector's.
            _current = PeerIdentity.Load(settings, time.GetUtcNow());
            _refused = null;
            LogChanged(_current.Certificate.Subject, _current.Certificate.NotAfter);
        }
        catch (PeerFilesException unusable)
        {
            _refused = digest;
            LogUnusable(unusable.Message);
        }
    }

    [LoggerMessage(3301, LogLevel.Information, "New connections use the certificate {Subject}, valid until {NotAfter:u}")]
    private partial void LogChanged(string subject, DateTime notAfter);

    [LoggerMessage(3302, LogLevel.Warning, "The changed files of TLS can't be used; the last ones stay in use. {Fault}")]
    private partial void LogUnusable(string fault);
}
