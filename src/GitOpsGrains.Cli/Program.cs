using GitOpsGrains.Cli;

return await CommandLine.RunAsync(args, CliEnvironment.OfProcess(), CancellationToken.None);
