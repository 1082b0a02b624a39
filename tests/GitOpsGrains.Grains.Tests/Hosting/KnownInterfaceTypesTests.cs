using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Metadata;
using Orleans.Serialization.TypeSystem;

namespace GitOpsGrains.Grains.Tests.Hosting;

/// <summary>The names of grain interfaces, as a silo's GetGrain finds them.</summary>
public sealed class KnownInterfaceTypesTests : IDisposable
{
    private static readonly Type[] Interfaces =
        [.. typeof(IRepositoryGrain).Assembly.GetTypes().Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))];

    private readonly IHost _silo = Host.CreateDefaultBuilder().UseOrleans(silo => silo.UseLocalhostClustering().AddGitOpsGrains(_ => { })).Build();

    [Fact]
    public void Name_OfAnInterface_IsTheOneThatOrleansGivesIt()
    {
        var orleans = new GrainInterfaceTypeResolver([new AttributeGrainInterfaceTypeProvider(_silo.Services)], _silo.Services.GetRequiredService<TypeConverter>());
        var ours = _silo.Services.GetRequiredService<GrainInterfaceTypeResolver>();

        Assert.NotEmpty(Interfaces);
        Assert.All(Interfaces, type => Assert.Equal(orleans.GetGrainInterfaceType(type), ours.GetGrainInterfaceType(type)));
    }

    /// <summary>Orleans' own way takes about a kilobyte each time, and it is asked with each GetGrain.</summary>
    [Fact]
    public void Name_AskedForAgain_IsMadeOnce()
    {
        var names = _silo.Services.GetRequiredService<GrainInterfaceTypeResolver>();
        foreach (var type in Interfaces) names.GetGrainInterfaceType(type);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var type in Interfaces) names.GetGrainInterfaceType(type);

        // The resolver's own enumerator over its providers.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Interfaces.Length, 0, 64);
    }

    public void Dispose() => _silo.Dispose();
}
