using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Durable state of an application.</summary>
public sealed class ApplicationState
{
    public int Version { get; set; } = 1;

    /// <summary>Null before the first document and after the deletion.</summary>
    public ApplicationDocument? Document { get; set; }

    /// <summary>Of the last desired state that was handed down; never falls.</summary>
    public long Sequence { get; set; }

    /// <summary>The sequence at which anything but what was rendered last changed; 0: not known.</summary>
    public long PolicySequence { get; set; }

    /// <summary>What was last rendered without a fault.</summary>
    public RenderedState? Rendered { get; set; }

    /// <summary>By cluster that waits to be asked for its version: what it has been given before, and keeps.</summary>
    public Dictionary<string, RenderedState> Earlier { get; set; } = [];

    /// <summary>What the project allowed when the desired state was last handed down.</summary>
    public AllowedObjects Allowed { get; set; } = new();

    /// <summary>The project's sync windows that concern this application, as they were last handed down.</summary>
    public List<SyncWindowSpec> Windows { get; set; } = [];

    /// <summary>Clusters with a target of this application.</summary>
    public List<string> Clusters { get; set; } = [];

    /// <summary>Clusters that left the destination, until their target has let go.</summary>
    public Dictionary<string, LeavingTarget> Leaving { get; set; } = [];

    /// <summary>The repositories that know this application as a reader.</summary>
    public List<string> Repositories { get; set; } = [];

    /// <summary>Newest first.</summary>
    public List<ApplicationOperation> Operations { get; set; } = [];

    public DeletionIntent? Deleting { get; set; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

public sealed class LeavingTarget
{
    public Cascade Cascade { get; set; }
    public string OperationId { get; set; } = "";
}

public sealed class DeletionIntent
{
    public Cascade Cascade { get; set; }
    public string OperationId { get; set; } = "";

    /// <summary>Clusters are not touched.</summary>
    public bool Force { get; set; }
}

/// <summary>One operation that a person or the system asked of an application.</summary>
public sealed class ApplicationOperation
{
    public string Id { get; set; } = "";
    /// <summary>sync, refresh, delete, suspend, approve, terminate, action.</summary>
    public string Kind { get; set; } = "";
    public OperationPhase Phase { get; set; }
    public string Message { get; set; } = "";
    public DateTimeOffset Started { get; set; }
    public DateTimeOffset? Finished { get; set; }
    public bool Prune { get; set; }
    public bool DryRun { get; set; }
    /// <summary>What it was restricted to, as <see cref="ObjectReference"/>; empty: all objects.</summary>
    public List<string> Objects { get; set; } = [];
    /// <summary>In place of the document's; null: the document's.</summary>
    public string? OnFailure { get; set; }
    public bool OverrideWindow { get; set; }
    /// <summary>Sync options on top of the document's.</summary>
    public List<string> Options { get; set; } = [];
    /// <summary>The commit that it is meant for, or its first digits; null: whichever is the newest.</summary>
    public string? Revision { get; set; }
    /// <summary>What came of it, once it is over; of the newest few operations only.</summary>
    public List<OperationObjectView> Results { get; set; } = [];
    /// <summary>Of a rollback: the commit.</summary>
    public RollbackView? Rollback { get; set; }
    /// <summary>The targets that it was handed to; empty until then.</summary>
    public List<string> Clusters { get; set; } = [];
    /// <summary>The targets that a sync could not be handed to, as a sentence; "" when there are none.</summary>
    public string Missed { get; set; } = "";
    /// <summary>Every one of them has the order.</summary>
    public bool HandedDown { get; set; }

    public bool IsOver => Phase is OperationPhase.Succeeded or OperationPhase.Failed or OperationPhase.Terminated;
}
