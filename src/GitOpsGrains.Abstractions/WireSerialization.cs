using GitOpsGrains.Documents.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace GitOpsGrains.Abstractions;

/// <summary>How what grains say to each other, and to their clients, is written.</summary>
public static class WireSerialization
{
    /// <summary>Documents and REST objects travel between grains as JSON; clients of the grains need it too.</summary>
    public static IServiceCollection AddGitOpsGrainsSerialization(this IServiceCollection services) => services.AddSerializer(serializer =>
        serializer.AddJsonSerializer(type => type.Namespace?.StartsWith("GitOpsGrains.Documents", StringComparison.Ordinal) == true, DocumentJson.Options));
}
