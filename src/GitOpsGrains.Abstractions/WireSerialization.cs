using System.Text.Json;
using GitOpsGrains.Documents.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;

namespace GitOpsGrains.Abstractions;

/// <summary>How what grains say to each other, and to their clients, is written.</summary>
public static class WireSerialization
{
    /// <summary>Documents and REST objects travel between grains as JSON; clients of the grains need it too.</summary>
    public static IServiceCollection AddGitOpsGrainsSerialization(this IServiceCollection services) => services
        .AddSingleton<IGeneralizedCopier, DocumentCopier>()
        .AddSerializer(serializer => serializer.AddJsonSerializer(IsDocument, _ => false, json => json.Configure(options =>
        {
            options.SerializerOptions = DocumentJson.Options;
            // Its reader goes by its own limit.
            options.ReaderOptions = new JsonReaderOptions { MaxDepth = DocumentJson.Options.MaxDepth };
        })));

    private static bool IsDocument(Type type) => type.Namespace?.StartsWith("GitOpsGrains.Documents", StringComparison.Ordinal) == true;

    /// <summary>Documents never change once made, so grains of one silo share them; Orleans would write and read each as JSON.</summary>
    private sealed class DocumentCopier : IGeneralizedCopier
    {
        public bool IsSupportedType(Type type) => IsDocument(type);

        public object? DeepCopy(object? input, CopyContext context) => input;
    }
}
