using System.Security.Cryptography;
using GitOpsGrains.Abstractions.Access;
using GitOpsGrains.Gateway.Auth;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>
/// The administrator's first token: made at the first start, in <c>DIR/admin-token</c> (mode 0600), or given in a file. It is
/// never logged; only a terminal sees where it is, at the first start the token itself.
/// </summary>
internal sealed class AdminToken(SiloSettings settings, IGrainFactory grains) : ILifecycleParticipant<ISiloLifecycle>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string File => settings.AdminTokenFile;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(AdminToken), ServiceLifecycleStage.Active, StartAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var token = System.IO.File.Exists(File) ? (await System.IO.File.ReadAllTextAsync(File, cancellationToken)).Trim() : "";
        if (token.Length == 0)
        {
            token = "gog_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            await WriteAsync(token, cancellationToken);
            if (!Console.IsOutputRedirected) Console.WriteLine($"The administrator's token: {token}");
        }
        await grains.GetGrain<IAccessGrain>(0).AllowAdminAsync(TokenVerdicts.HashOf(token), "admin");
    }

    private async Task WriteAsync(string token, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        await using var file = new StreamWriter(File, options);
        await file.WriteLineAsync(token.AsMemory(), cancellationToken);
    }
}
