using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Grains.Repositories;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Grains.Tests.Repositories;

/// <summary>Adapters that ask servers by themselves share the budgets of the silo's repositories.</summary>
public sealed class ServerBudgetsTests
{
    [Fact]
    public void Budgets_OfAdaptersAndGrains_AreTheSame()
    {
        var silo = new Builder();
        silo.AddGitOpsGrains(static _ => { });
        using var provider = silo.Services.BuildServiceProvider();
        var (adapters, grains) = (provider.GetRequiredService<IServerBudgets>(), provider.GetRequiredService<HostBudgets>());

        adapters.Pause("https://git.example.com/team/module.git", TimeSpan.FromHours(1));

        Assert.InRange(grains.PausedFor("https://git.example.com/team/fleet.git"), TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, grains.PausedFor("https://other.example.com/team/fleet.git"));
    }

    private sealed class Builder : ISiloBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
