using System.Security.Cryptography;
using GitOpsGrains.Abstractions.Access;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Grains.Hosting;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>
/// The administrator's tokens: those that the file says, and no others. The first is made at the first start, in <c>DIR/admin-token</c>
/// (mode 0600), or given. They are never logged; only a terminal sees where they are, at the first start the token itself. The file is
/// looked at again every 5 s.
/// </summary>
internal sealed partial class AdminToken(SiloSettings settings, IGrainFactory grains, TimeProvider time, ILogger<AdminToken> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const string Owner = "admin";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private string? _told;
    private bool _isRefused;

    private string File => settings.AdminTokenFile;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(AdminToken), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (TokenFile.IsAbsent(File)) await MakeAsync(cancellationToken);
        if (!TokenFile.TryRead(File, out var tokens, out var fault)) throw new InvalidOperationException(fault);
        var hashes = HashesOf(tokens);
        await GrainReach.AskAsync(() => AllowedAsync(hashes), GrainReach.IsOutOfReach, LogTriesAgain, time, cancellationToken);
        _watching = WatchAsync(hashes, _stopping.Token);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task AllowAsync(string[] hashes) => grains.GetGrain<IAccessGrain>(0).AllowAdminAsync(string.Join(',', hashes), Owner);

    private async Task<bool> AllowedAsync(string[] hashes)
    {
        await AllowAsync(hashes);
        return true;
    }

    private static string[] HashesOf(string[] tokens) => [.. tokens.Select(TokenVerdicts.HashOf).Order(StringComparer.Ordinal)];

    /// <summary>What two looks have found alike is obeyed: a file that is being written is not.</summary>
    private async Task WatchAsync(string[] obeyed, CancellationToken cancellationToken)
    {
        var found = obeyed;
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            var (before, now) = (found, TokenFile.TryRead(File, out var tokens, out var fault) ? HashesOf(tokens) : null);
            if (fault != _told && fault is not null) LogUnusable(fault);
            _told = fault;
            if (now is null) continue;
            found = now;
            if (now.SequenceEqual(before) && !now.SequenceEqual(obeyed) && await TryObeyAsync(now, cancellationToken)) obeyed = now;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<bool> TryObeyAsync(string[] hashes, CancellationToken cancellationToken)
    {
        try
        {
            // The end of a silo waits for no answer.
            await AllowAsync(hashes).WaitAsync(cancellationToken);
            LogChanged(hashes.Length);
            _isRefused = false;
            return true;
        }
#pragma warning disable CA1031 // The top of a loop: tried again, and logged while it fails.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (!_isRefused) LogNotStored(failure);
            _isRefused = true;
            return false;
        }
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        var token = "gog_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        await using (var file = new StreamWriter(File, options)) await file.WriteLineAsync(token.AsMemory(), cancellationToken);
        if (!Console.IsOutputRedirected) Console.WriteLine($"The administrator's token: {token}");
    }

    [LoggerMessage(1101, LogLevel.Information, "The administrator's tokens have changed: those of before that are not among the {Count} of now open nothing any more")]
    private partial void LogChanged(int count);

    [LoggerMessage(1102, LogLevel.Warning, "The administrator's tokens stay as they are: {Fault}")]
    private partial void LogUnusable(string fault);

    [LoggerMessage(1104, LogLevel.Warning, "The administrator's tokens could not be told to the grain that keeps them; trying again")]
    private partial void LogTriesAgain(Exception exception);

    [LoggerMessage(1103, LogLevel.Warning, "The administrator's tokens have changed, which could not be stored; trying again every 5 s")]
    private partial void LogNotStored(Exception exception);
}
