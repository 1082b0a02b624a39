using System.ComponentModel.DataAnnotations;

namespace GitOpsGrains.Kubernetes.Hosting;

/// <summary>How clusters are spoken to. Times bound what a dead or slow cluster can cost.</summary>
public sealed class KubernetesOptions
{
    /// <summary>To open a connection (TCP and TLS). Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>From sending a request to the headers of its answer. Default: 15 s.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>From the headers to the end of an answer; not for watches. Default: 60 s.</summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>For the answer to a write whose caller gave up, because its sync is ended or the silo stops; then it is cut off. Default: 5 s.</summary>
    public TimeSpan WriteGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence on a connection before it is pinged. Default: 15 s.</summary>
    public TimeSpan PingDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For the answer to a ping; then the connection is dead. Default: 5 s.</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Without an event or bookmark for this long a watch is dead. Servers send bookmarks about every 60 s. Default: 90 s.</summary>
    public TimeSpan WatchSilence { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Requests in flight to one cluster at first. Default: 32.</summary>
    [Range(1, 1024)]
    public int InitialConcurrency { get; set; } = 32;

    /// <summary>Requests in flight to one cluster at most. Default: 64.</summary>
    [Range(1, 1024)]
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>What share of the requests in flight may be drift checks; at least one. Default: 0.1.</summary>
    [Range(0.01, 1.0)]
    public double ChecksShare { get; set; } = 0.1;

    /// <summary>Cluster errors in a row that open the circuit. Default: 5.</summary>
    [Range(1, 1000)]
    public int BreakerFailures { get; set; } = 5;

    /// <summary>The errors must come within this time. Default: 30 s.</summary>
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the circuit stays open before one request is let through; doubles with each failure. Default: 10 s.</summary>
    public TimeSpan BreakerOpenFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The end of that doubling. Default: 60 s.</summary>
    public TimeSpan BreakerLongestOpen { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The largest answer that is read. Default: 64 MiB.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxAnswerBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The longest line of a watch, that is one event. Default: 8 MiB.</summary>
    [Range(16 * 1024, 256 * 1024 * 1024)]
    public int MaxWatchLineBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// The commands that a kubeconfig's exec entry may name: as written there, or as a full path. Default: none, so that a
    /// kubeconfig can't run anything here.
    /// </summary>
    public ISet<string> AllowedExecCommands { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Allows all exec commands: for one's own machine only. Default: false.</summary>
    public bool AllowAnyExec { get; set; }

    /// <summary>After this an exec plugin is killed with all its children. Default: 30 s.</summary>
    public TimeSpan ExecTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where a pod finds its service account's token and ca.crt.</summary>
    [Required]
    public string ServiceAccountFolder { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount";
}
