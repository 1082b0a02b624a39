using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Tls;

/// <summary>What the files say now, looked at again every 5 s. Files that can't be used leave the last ones in use.</summary>
internal sealed partial class PeerCertificates : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly PeerTlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<PeerCertificates> _logger;
    private readonly ITimer _timer;
    private volatile PeerIdentity _current;
    private string? _told;

    public PeerCertificates(PeerTlsSettings settings, TimeProvider time, ILogger<PeerCertificates> logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _current = PeerIdentity.Load(settings, time.GetUtcNow());
        // One look ends before the next one is due, however slow the disk.
        _timer = time.CreateTimer(static self => ((PeerCertificates)self!).LookAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    public PeerIdentity Current => _current;

    public void Dispose() => _timer.Dispose();

    private void LookAgain()
    {
        Read();
        _timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What can't be used is tried again at each look, and told once: it may become valid as time goes by.</summary>
    private void Read()
    {
        if (PeerIdentity.DigestOf(_settings) is { } digest && digest.AsSpan().SequenceEqual(_current.Digest))
        {
            _told = null;
            return;
        }
        try
        {
            // The one before may still be in use by a handshake; it is the collector's.
            _current = PeerIdentity.Load(_settings, _time.GetUtcNow());
            _told = null;
            LogChanged(_current.Certificate.Subject, _current.Certificate.NotAfter);
        }
        catch (PeerFilesException unusable)
        {
            if (_told != unusable.Message) LogUnusable(unusable.Message);
            _told = unusable.Message;
        }
    }

    [LoggerMessage(3301, LogLevel.Information, "New connections use the certificate {Subject}, valid until {NotAfter:u}")]
    private partial void LogChanged(string subject, DateTime notAfter);

    [LoggerMessage(3302, LogLevel.Warning, "The changed files of TLS can't be used; the last ones stay in use. {Fault}")]
    private partial void LogUnusable(string fault);
}
