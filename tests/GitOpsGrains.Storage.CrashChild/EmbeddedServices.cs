using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Storage.CrashChild;

/// <summary>The embedded storage on a directory, opened without a silo.</summary>
public static class EmbeddedServices
{
    public static Task<OpenedStorage> OpenAsync(string directory, Action<EmbeddedStorageOptions>? configure = null, string serviceId = "test/service") =>
        OpenedStorage.OpenAsync(
            new StorageChoice { DataDirectory = directory }, serviceId, "test",
            services => services.Configure(configure ?? (_ => { })));
}
