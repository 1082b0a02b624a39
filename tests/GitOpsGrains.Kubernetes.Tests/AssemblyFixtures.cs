using GitOpsGrains.Testing.Kubernetes;

[assembly: AssemblyFixture(typeof(ApiServerFixture))]
