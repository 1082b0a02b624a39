using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>How grain state is written, the same on every backend.</summary>
public static class GrainStateSerialization
{
    /// <summary>
    /// Grain state as System.Text.Json, nulls included: an absent member would read back as the type's default instead of null.
    /// </summary>
    public static ISiloBuilder UseGrainStateJson(this ISiloBuilder builder)
    {
        builder.UseSystemTextJsonGrainStorageSerializer();
        builder.Services.Configure<SystemTextJsonGrainStorageSerializerOptions>(Apply);
        return builder;
    }

    internal static void Apply(SystemTextJsonGrainStorageSerializerOptions options) =>
        options.JsonSerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
}
