using Orleans.Runtime;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>No silo answers, so that a call was not sent, or will not be answered any more.</summary>
public sealed class SilosLostException() : OrleansException("no silo answers");
