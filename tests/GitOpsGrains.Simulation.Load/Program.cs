using GitOpsGrains.Simulation.Load;

if (LoadOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(LoadOptions.Usage);
    return 2;
}

switch (options.Command)
{
    case "serve":
        await FleetServer.RunAsync(options);
        break;
    case "applies" or "reads":
        await Applies.RunAsync(options);
        break;
    case "deletes":
        await Deletes.RunAsync(options);
        break;
    case "saves":
        await Saves.RunAsync(options);
        break;
    default:
        await Footprint.RunAsync(options);
        break;
}

return 0;
