using GitOpsGrains.Simulation.Tests;

[assembly: AssemblyFixture(typeof(SimulationStage))]
