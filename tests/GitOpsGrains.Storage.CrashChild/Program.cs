using System.Text;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.CrashChild;
using GitOpsGrains.Storage.Directories;
using Orleans;
using Orleans.Runtime;

// Writes under load until it is killed, and prints a line for each write that was acknowledged:
// "G worker sequence", "R worker sequence", "M key". With "hold" it only holds the directory.
var (directory, mode) = (args[0], args.Length > 1 ? args[1] : "write");
await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1) { AutoFlush = true };
var gate = new Lock();
OpenedStorage services;
try
{
    services = await EmbeddedServices.OpenAsync(directory);
}
catch (DataDirectoryInUseException exception)
{
    Print($"IN USE {exception.ProcessId} {exception.Directory}");
    return 3;
}

Print("OPEN");
if (mode == "hold")
{
    await Console.In.ReadLineAsync();
    await services.DisposeAsync();
    return 0;
}

await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(() => WriteGrainsAsync(worker)))
    .Append(Task.Run(WriteRemindersAsync))
    .Append(Task.Run(WriteManifestsAsync)));
return 0;

void Print(string line)
{
    lock (gate) output.Write(line + "\n");
}

async Task WriteGrainsAsync(int worker)
{
    var id = GrainId.Create("crash", $"worker/{worker}");
    var state = new GrainState<CrashState>(new CrashState());
    await services.State.ReadStateAsync("crash", id, state);
    while (true)
    {
        state.State!.Fill(state.State.Sequence + 1);
        await services.State.WriteStateAsync("crash", id, state);
        Print($"G {worker} {state.State.Sequence}");
    }
}

async Task WriteRemindersAsync()
{
    for (var sequence = 1L; ; sequence++)
    {
        var id = GrainId.Create("crash", $"reminder/{sequence % 50}");
        await services.Reminders.UpsertRow(new ReminderEntry
        {
            GrainId = id, ReminderName = "crash", StartAt = DateTime.UnixEpoch.AddSeconds(sequence), Period = TimeSpan.FromMinutes(1),
        });
        Print($"R {sequence % 50} {sequence}");
    }
}

async Task WriteManifestsAsync()
{
    for (var sequence = 1L; ; sequence++)
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i => $"{Environment.ProcessId}/{sequence}/{i * sequence};")));
        Print($"M {await services.Manifests.PutAsync(content, CancellationToken.None)}");
    }
}
