using GitOpsGrains.Kubernetes.Tests;

[assembly: AssemblyFixture(typeof(KubernetesFixture))]
[assembly: AssemblyFixture(typeof(SimulationFixture))]
