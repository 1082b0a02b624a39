using GitOpsGrains.Kubernetes.Tests;

[assembly: AssemblyFixture(typeof(KubernetesFixture))]
