using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>How grain state is written, the same on every backend.</summary>
public static class GrainStateSerialization
{
    /// <summary>
    /// Grain state as System.Text.Json, without what a new object of the type has anyway (<see cref="LeanJson"/>).
    /// </summary>
    public static ISiloBuilder UseGrainStateJson(this ISiloBuilder builder)
    {
        builder.UseSystemTextJsonGrainStorageSerializer();
        builder.Services.Configure<SystemTextJsonGrainStorageSerializerOptions>(Apply);
        return builder;
    }

    internal static void Apply(SystemTextJsonGrainStorageSerializerOptions options)
    {
        var json = options.JsonSerializerOptions;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(LeanJson.Apply);
    }
}
