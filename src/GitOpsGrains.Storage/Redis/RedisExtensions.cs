using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Redis;
using Orleans.Configuration;

namespace GitOpsGrains.Storage.Redis;

/// <summary>The front door of Redis.</summary>
public static class RedisExtensions
{
    /// <summary>Keeps grain state, manifest sets, reminders and the membership of silos in Redis; by the official providers.</summary>
    public static ISiloBuilder UseRedis(this ISiloBuilder builder, RedisOptions options, string keyDirectory)
    {
        builder.Services.AddConnection(options);
        builder.AddSharedKeyRing(keyDirectory).AddBackend<RedisStorage>();
        builder.UseRedisReminderService(_ => { });
        builder.Services.AddOptions<RedisReminderTableOptions>().Configure<RedisConnection>((table, connection) =>
        {
            table.ConfigurationOptions = connection.Configuration;
            table.CreateMultiplexer = async _ => (await connection.ConnectAsync(CancellationToken.None), IsShared: true);
        });
        return builder.UseRedisClustering(_ => { });
    }

    /// <summary>Lets a client find the silos of its cluster id in Redis.</summary>
    public static IClientBuilder UseRedisClustering(this IClientBuilder builder, RedisOptions options)
    {
        builder.Services.AddConnection(options);
        return builder.UseRedisClustering(_ => { });
    }

    private static void AddConnection(this IServiceCollection services, RedisOptions options)
    {
        services.Configure<RedisSetup>(setup => setup.Options = options);
        services.TryAddSingleton<RedisConnection>();
        services.AddOptions<RedisClusteringOptions>().Configure<RedisConnection>((table, connection) =>
        {
            table.ConfigurationOptions = connection.Configuration;
            table.CreateMultiplexer = async _ => (await connection.ConnectAsync(CancellationToken.None), IsShared: true);
        });
    }
}
