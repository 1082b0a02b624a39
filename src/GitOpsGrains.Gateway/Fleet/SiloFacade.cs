using GitOpsGrains.Abstractions.Silos;
using GitOpsGrains.Documents.Rest;
using Orleans.Runtime;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>What each silo holds. One that does not answer in time delays nobody and is shown with what the membership says.</summary>
internal sealed class SiloFacade(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>All that are not dead, in order of their names.</summary>
    public async Task<IReadOnlyList<SiloView>> ListAsync(CancellationToken cancellationToken)
    {
        var members = await grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: false, cancellationToken);
        var views = await Task.WhenAll(members.Where(member => member.Status != SiloStatus.Dead).Select(member => DescribeAsync(member, cancellationToken)));
        return [.. views.OrderBy(view => view.Name, StringComparer.Ordinal).ThenBy(view => view.Address, StringComparer.Ordinal)];
    }

    private async Task<SiloView> DescribeAsync(MembershipEntry member, CancellationToken cancellationToken)
    {
        var view = new SiloView
        {
            Name = member.SiloName ?? "", Address = member.SiloAddress.ToParsableString(), Host = member.HostName ?? "", Status = member.Status.ToString(), Since = new DateTimeOffset(DateTime.SpecifyKind(member.StartTime, DateTimeKind.Utc)),
        };
        if (member.Status != SiloStatus.Active) return view with { Message = "it is not active" };
        try
        {
            return await AskAsync(view, member.SiloAddress, cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception silence) when (silence is TimeoutException or OrleansException)
        {
            return view with { Message = "it does not answer" };
        }
    }

    private async Task<SiloView> AskAsync(SiloView view, SiloAddress silo, CancellationToken cancellationToken)
    {
        var held = grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics([silo], cancellationToken);
        RequestContext.Set(ISiloGrain.PlacementHint, silo);
        var summary = await grains.GetGrain<ISiloGrain>(view.Address).DescribeAsync();
        var counts = (await held).Where(count => count.ActivationCount > 0).GroupBy(count => NameOf(count.GrainType))
            .ToDictionary(group => group.Key, group => group.Sum(count => count.ActivationCount), StringComparer.Ordinal);
        return view with
        {
            Version = summary?.Version ?? "",
            Clusters = summary?.Clusters ?? [],
            Grains = counts,
            Activations = counts.Values.Sum(),
            Message = summary is null ? "it can't be asked directly" : null,
        };
    }

    /// <summary>"CatalogGrain" of "GitOpsGrains.Grains.Catalog.CatalogGrain,GitOpsGrains.Grains".</summary>
    private static string NameOf(string type)
    {
        var name = type.Split(',')[0];
        return name[(name.LastIndexOf('.') + 1)..];
    }
}
