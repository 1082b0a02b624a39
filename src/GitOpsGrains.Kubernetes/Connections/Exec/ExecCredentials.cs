using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using GitOpsGrains.Kubernetes.Answers;
using GitOpsGrains.Kubernetes.Connections.Credentials;

namespace GitOpsGrains.Kubernetes.Connections.Exec;

/// <summary>
/// Credentials from an exec plugin, kept until shortly before they expire. However many requests wait, one process runs; a
/// failure is answered to all for a few seconds before the plugin is tried again.
/// </summary>
internal sealed class ExecCredentials(ExecPlugin plugin, TimeSpan limit, X509Certificate2? certificate, TimeProvider time) : ICredentialSource
{
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lifetime = new();
    private Task<Issued>? _running;
    private Issued? _issued;
    private CredentialException? _failure;
    private long _failedAt;

    public X509Certificate2? Certificate
    {
        get
        {
            lock (_gate) return _issued?.Credential.Certificate ?? certificate;
        }
    }

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        Task<Issued> run;
        lock (_gate)
        {
            if (_issued is { } issued && issued.Until > time.GetUtcNow()) return issued.Credential;
            if (_failure is not null && time.GetElapsedTime(_failedAt) < FailureLifetime)
                throw new CredentialException(_failure.Message, _failure);
            run = _running ??= Task.Run(RunAsync, _lifetime.Token);
        }

        return (await run.WaitAsync(cancellationToken)).Credential;
    }

    public bool Renew(Credential refused)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_issued?.Credential, refused)) _issued = null;
            return true;
        }
    }

    public void Dispose()
    {
        _lifetime.Cancel();
        _lifetime.Dispose();
        certificate?.Dispose();
    }

    private async Task<Issued> RunAsync()
    {
        try
        {
            var result = await BoundedProcess.RunAsync(plugin, limit, time, _lifetime.Token);
            if (result.ExitCode != 0)
                throw new CredentialException($"the exec plugin {plugin.Program} ended with {result.ExitCode}: {FirstLine(result.Errors)}");
            var issued = Parse(result.Output);
            lock (_gate) (_issued, _failure, _running) = (issued, null, null);
            return issued;
        }
        catch (CredentialException exception)
        {
            lock (_gate) (_failure, _failedAt, _running) = (exception, time.GetTimestamp(), null);
            throw;
        }
    }

    private Issued Parse(byte[] output)
    {
        try
        {
            var root = JsonElement.Parse(output);
            if (Text(root, "kind") != "ExecCredential" || Text(root, "apiVersion") != plugin.ApiVersion)
                throw new CredentialException($"the exec plugin {plugin.Program} printed no ExecCredential of {plugin.ApiVersion}");
            if (!root.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Object)
                throw new CredentialException($"the exec plugin {plugin.Program} printed an ExecCredential without a status");
            var until = Text(status, "expirationTimestamp") is { } expiry ? Expiry(expiry) : DateTimeOffset.MaxValue;
            var issued = Certificates(Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
            var token = Text(status, "token");
            if (token is null && issued is null) throw new CredentialException($"the exec plugin {plugin.Program} printed neither a token nor a certificate");
            var credential = token is null
                ? new Credential(null, issued)
                : Credential.Token(token, $"the token of the exec plugin {plugin.Program}", issued ?? certificate);
            return new Issued(credential, until);
        }
        catch (JsonException exception)
        {
            throw new CredentialException($"the exec plugin {plugin.Program} printed something that is no JSON", exception);
        }
    }

    /// <summary>A little before the end; in the middle of a life that is shorter than that.</summary>
    private DateTimeOffset Expiry(string text)
    {
        if (!DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var end))
            throw new CredentialException($"the exec plugin {plugin.Program} printed an expirationTimestamp that is no time");
        var now = time.GetUtcNow();
        var life = end - now;
        if (life <= TimeSpan.Zero) throw new CredentialException($"the exec plugin {plugin.Program} printed credentials that have expired already");
        return life > Leeway * 2 ? end - Leeway : now + (life / 2);
    }

    private X509Certificate2? Certificates(string? chain, string? key)
    {
        if (chain is null && key is null) return null;
        try
        {
            return X509Certificate2.CreateFromPem(chain, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new CredentialException($"the exec plugin {plugin.Program} printed a client certificate that can't be used", exception);
        }
    }

    private static string FirstLine(string errors)
    {
        var line = errors.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "it said nothing";
        var plain = new string([.. line.Where(letter => !char.IsControl(letter)).Take(200)]);
        return SecretMask.None.Apply(plain);
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private sealed record Issued(Credential Credential, DateTimeOffset Until);
}
