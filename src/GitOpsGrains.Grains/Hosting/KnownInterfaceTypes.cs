using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization.TypeSystem;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>
/// The names of grain interfaces, kept: Orleans makes them with each GetGrain, from attributes or, where there is none, from the
/// type's name taken apart and put together again.
/// </summary>
internal sealed class KnownInterfaceTypes(IServiceProvider services) : IGrainInterfaceTypeProvider
{
    private readonly GrainInterfaceTypeResolver _orleans = new([new AttributeGrainInterfaceTypeProvider(services)], services.GetRequiredService<TypeConverter>());
    private readonly ConcurrentDictionary<Type, GrainInterfaceType> _known = [];

    public bool TryGetGrainInterfaceType(Type type, out GrainInterfaceType grainInterfaceType)
    {
        grainInterfaceType = _known.GetOrAdd(type, static (asked, orleans) => orleans.GetGrainInterfaceType(asked), _orleans);
        return true;
    }
}
