using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>Stored credentials: written and forgotten, never read. Errors: <see cref="GrainRefusedException"/>.</summary>
public sealed class CredentialFacade(IGrainFactory grains)
{
    private const int MaxCharacters = 256 * 1024;

    public async Task<ApplyResult> PutAsync(string name, CredentialRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrEmpty(request.UrlPrefix)) throw new GrainRefusedException(RefusalKind.Invalid, "urlPrefix: required");
        var values = ValuesOf(request);
        foreach (var (purpose, value) in values)
            if (string.IsNullOrWhiteSpace(value)) throw new GrainRefusedException(RefusalKind.Invalid, $"{CredentialNames.Of(purpose)}: empty");
        if (values.Values.Sum(value => (long)value.Length) > MaxCharacters) throw new GrainRefusedException(RefusalKind.Invalid, $"the values have more than {MaxCharacters} characters in all");
        CatalogEntry[] entry = [new CatalogEntry(CatalogKind.Credential, name)];
        await CatalogPartitions.AddAsync(grains, entry);
        var change = await grains.GetGrain<ICredentialGrain>(name).PutAsync(new CredentialValues { UrlPrefix = request.UrlPrefix, Values = values });
        // A deletion of what was there before may have taken the name along.
        await CatalogPartitions.AddAsync(grains, entry);
        return new ApplyResult
        {
            Kind = nameof(CatalogKind.Credential),
            Name = name,
            Result = change switch { Change.Created => ApplyOutcome.Created, Change.Configured => ApplyOutcome.Configured, _ => ApplyOutcome.Unchanged },
        };
    }

    public async Task<CredentialView?> GetAsync(string name) => await grains.GetGrain<ICredentialGrain>(name).DescribeAsync() is { } summary
        ? new CredentialView { Name = name, UrlPrefix = summary.UrlPrefix, Values = [.. summary.Purposes.Select(CredentialNames.Of)] }
        : null;

    public async Task<IReadOnlyList<CredentialView>> ListAsync() =>
        [.. (await FleetFacade.WindowedAsync(await CatalogPartitions.ListAsync(grains, CatalogKind.Credential), GetAsync)).OfType<CredentialView>()];

    public async Task DeleteAsync(string name)
    {
        _ = await GetAsync(name) ?? throw Absent.Credential(name);
        await grains.GetGrain<ICredentialGrain>(name).DeleteAsync();
        await DocumentNames.LeaveAsync(grains, new CatalogEntry(CatalogKind.Credential, name));
    }

    private static Dictionary<SecretPurpose, string> ValuesOf(CredentialRequest request)
    {
        var given = new (SecretPurpose Purpose, string? Value)[]
        {
            (SecretPurpose.Password, request.Password), (SecretPurpose.Token, request.Token), (SecretPurpose.SshKey, request.SshKey),
            (SecretPurpose.KnownHosts, request.KnownHosts), (SecretPurpose.ClientCertificate, request.ClientCertificate), (SecretPurpose.Ca, request.Ca),
            (SecretPurpose.AppKey, request.AppKey), (SecretPurpose.ProxyPassword, request.ProxyPassword), (SecretPurpose.Kubeconfig, request.Kubeconfig),
            (SecretPurpose.Webhook, request.Webhook), (SecretPurpose.SigningKey, request.SigningKey),
        };
        return given.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Purpose, entry => entry.Value!);
    }
}
