using GitOpsGrains.Demo.Hosting;

namespace GitOpsGrains.Silo.Demo;

/// <summary>Prepares the demo when the data directory is locked for this process, and before any cluster is looked for.</summary>
internal sealed class DemoStage(DemoHost demo) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(DemoStage), ServiceLifecycleStage.ApplicationServices, demo.PrepareAsync);
}
