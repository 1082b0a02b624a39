using System.Collections.Concurrent;
using Orleans.Metadata;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>
/// The names of grain interfaces, kept: Orleans reads them from the attributes with each GetGrain, which was a fiftieth of the
/// processor time of a fleet's syncs.
/// </summary>
internal sealed class KnownInterfaceTypes(IServiceProvider services) : IGrainInterfaceTypeProvider
{
    private readonly AttributeGrainInterfaceTypeProvider _attributes = new(services);
    private readonly ConcurrentDictionary<Type, GrainInterfaceType?> _known = [];

    public bool TryGetGrainInterfaceType(Type type, out GrainInterfaceType grainInterfaceType)
    {
        var found = _known.GetOrAdd(type, static (asked, attributes) => attributes.TryGetGrainInterfaceType(asked, out var named) ? named : null, _attributes);
        grainInterfaceType = found.GetValueOrDefault();
        return found.HasValue;
    }
}
