using GitOpsGrains.Engine.Clusters;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class UpdatingOnSimulationTests(SimulationFixture fixture) : UpdatingTests(fixture);

public sealed class UpdatingOnRealServerTests(KubernetesFixture fixture) : UpdatingTests(fixture);
