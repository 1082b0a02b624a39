using System.Buffers;
using System.Security.Cryptography;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Faults;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Workloads;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>One simulated cluster: objects in memory behind an API server's rules.</summary>
public sealed class SimulatedCluster
{
    public const string Administrator = "admin";

    private static readonly string[] Namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    private readonly FaultGate _faults;
    private TaskCompletionSource _dropped = NewSignal();

    internal SimulatedCluster(string name, SimulatedClusterOptions options, TimeProvider time, ControllerLoop controllers)
    {
        (Name, Options) = (name, options);
        Users = [new SimulatedUser(Administrator, RandomNumberGenerator.GetHexString(32, lowercase: true), IsAdministrator: true), .. options.Users];
        Store = new ClusterStore(options.KeptEvents);
        Writer = new ObjectWriter(Store, time);
        Deleter = new ObjectDeleter(Store, time);
        _faults = new FaultGate(time);
        if (options.Controllers) Store.OnChange = (kind, change) => controllers.Note(this, kind, change);
        if (!options.Saved.IsEmpty)
        {
            ClusterFile.Read(this, options.Saved, controllers);
            return;
        }

        foreach (var space in Namespaces) CreateNamespace(space);
    }

    public string Name { get; }

    public SimulatedClusterOptions Options { get; }

    /// <summary>The administrator first.</summary>
    public IReadOnlyList<SimulatedUser> Users { get; }

    /// <summary>The fault of the moment; <see cref="ClusterFault.None"/> takes it away.</summary>
    public ClusterFault Fault
    {
        get => _faults.Fault;
        set => _faults.Fault = value;
    }

    /// <summary>How many requests the fault of the moment has met.</summary>
    public int FaultMet => _faults.Met;

    internal ClusterStore Store { get; }

    internal ObjectWriter Writer { get; }

    internal ObjectDeleter Deleter { get; }

    internal FaultGate Gate => _faults;

    internal RequestCounter Requests { get; } = new();

    /// <summary>Ends when the watches are dropped.</summary>
    internal Task Dropped => Volatile.Read(ref _dropped).Task;

    /// <summary>Number of objects of all kinds, and the bytes of their JSON.</summary>
    public (int Count, long Bytes) Measure()
    {
        lock (Store.Gate)
        {
            var all = Store.All.SelectMany(static entry => entry.Objects.Objects);
            return (all.Count(), all.Sum(static stored => (long)stored.Size));
        }
    }

    /// <summary>Writes all objects as they are at one moment, Secrets too, for <see cref="SimulatedClusterOptions.Saved"/>.</summary>
    public void Save(IBufferWriter<byte> output) => ClusterFile.Write(this, output);

    /// <summary>Forgets all history, as real servers do every five minutes: older versions are 410 from now on.</summary>
    public void Compact() => Store.Compact();

    /// <summary>Cuts all watches, as a server does that stops.</summary>
    public void DropWatches() => Interlocked.Exchange(ref _dropped, NewSignal()).TrySetResult();

    internal SimulatedUser? FindToken(string token) =>
        Users.FirstOrDefault(user => CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(user.Token), System.Text.Encoding.UTF8.GetBytes(token)));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void CreateNamespace(string name)
    {
        var kind = Store.Kinds.Find("", "v1", "namespaces")!;
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };
        Writer.Create(new ObjectAddress(kind, "", "", ""), body, new WriteOptions("kube-apiserver", false, false, false));
    }
}
