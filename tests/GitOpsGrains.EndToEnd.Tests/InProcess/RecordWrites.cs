using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>Counts the records of grain state that a host writes, by grain and by the name of the state.</summary>
public sealed class RecordWrites
{
    private readonly ConcurrentDictionary<(string Grain, string State), int> _counts = [];

    /// <summary>Written until now for grains whose key has this in it, by the name of the state, for example "target": 2.</summary>
    public IReadOnlyDictionary<string, int> Of(string part) => _counts.Where(count => count.Key.Grain.Contains(part, StringComparison.Ordinal))
        .GroupBy(count => count.Key.State).ToDictionary(state => state.Key, state => state.Sum(count => count.Value), StringComparer.Ordinal);

    /// <summary>Stands before each storage of grain state that is registered.</summary>
    public void Watch(IServiceCollection services)
    {
        foreach (var found in services.Where(service => service.ServiceType == typeof(IGrainStorage) && service is { IsKeyedService: true, KeyedImplementationFactory: not null }).ToArray())
        {
            services.Remove(found);
            services.AddKeyedSingleton<IGrainStorage>(found.ServiceKey, (provider, key) => new Counting((IGrainStorage)found.KeyedImplementationFactory!(provider, key), _counts));
        }
    }

    private sealed class Counting(IGrainStorage inner, ConcurrentDictionary<(string Grain, string State), int> counts) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            counts.AddOrUpdate((grainId.Key.ToString()!, stateName), 1, (_, count) => count + 1);
            return inner.WriteStateAsync(stateName, grainId, grainState);
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
    }
}
