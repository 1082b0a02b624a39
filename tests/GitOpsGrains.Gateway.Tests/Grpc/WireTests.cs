using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Grpc;
using GitOpsGrains.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GitOpsGrains.Gateway.Tests.Grpc;

/// <summary>The mapping is total: every member of REST has a field, every field a member, of shapes that fit.</summary>
public sealed class WireTests
{
    private static readonly Dictionary<string, System.Type> Shapes = new() { ["sync"] = typeof(SyncStatus), ["health"] = typeof(HealthStatus) };

    public static TheoryData<System.Type, string> Answers => new()
    {
        { typeof(RepositoryView), Repository.Descriptor.FullName }, { typeof(ClusterView), Cluster.Descriptor.FullName }, { typeof(ProjectView), Project.Descriptor.FullName },
        { typeof(ApplicationView), Application.Descriptor.FullName }, { typeof(RepositoryCredentialsDocument), RepositoryCredentials.Descriptor.FullName },
        { typeof(TargetView), Target.Descriptor.FullName }, { typeof(OperationView), Operation.Descriptor.FullName }, { typeof(DiffView), Diff.Descriptor.FullName },
        { typeof(HistoryView), HistoryEntry.Descriptor.FullName }, { typeof(TombstoneView), Tombstone.Descriptor.FullName }, { typeof(BlameView), BlameEntry.Descriptor.FullName },
        { typeof(ActionView), ObjectAction.Descriptor.FullName }, { typeof(CredentialView), Credential.Descriptor.FullName }, { typeof(WatchEventView), WatchEvent.Descriptor.FullName },
        { typeof(Documents.Rest.ApplyResponse), V1.ApplyResponse.Descriptor.FullName }, { typeof(SiloView), V1.Silo.Descriptor.FullName },
        { typeof(ListView<ApplicationView>), ListApplicationsResponse.Descriptor.FullName }, { typeof(ListView<RepositoryView>), ListRepositoriesResponse.Descriptor.FullName },
        { typeof(ListView<ClusterView>), ListClustersResponse.Descriptor.FullName }, { typeof(ListView<ProjectView>), ListProjectsResponse.Descriptor.FullName },
        { typeof(ListView<RepositoryCredentialsDocument>), ListRepositoryCredentialsResponse.Descriptor.FullName }, { typeof(ListView<BlameView>), ListBlameResponse.Descriptor.FullName },
        { typeof(ManifestsView), Manifests.Descriptor.FullName }, { typeof(EventsView), ListEventsResponse.Descriptor.FullName }, { typeof(LogsView), Logs.Descriptor.FullName },
    };

    public static TheoryData<System.Type, string, string[]> Requests => new()
    {
        { typeof(SyncRequest), SyncApplicationRequest.Descriptor.FullName, ["project", "name"] }, { typeof(RollbackRequest), RollBackApplicationRequest.Descriptor.FullName, ["project", "name"] },
        { typeof(ApproveRequest), ApproveApplicationRequest.Descriptor.FullName, ["project", "name"] }, { typeof(RestoreRequest), RestoreApplicationRequest.Descriptor.FullName, ["project", "name"] },
        { typeof(ActionRequest), RunActionRequest.Descriptor.FullName, ["project", "name"] }, { typeof(CredentialRequest), PutCredentialRequest.Descriptor.FullName, ["name"] },
        { typeof(Fleet.ListQuery), ListApplicationsRequest.Descriptor.FullName, [] },
    };

    [Theory, MemberData(nameof(Answers))]
    public void Answer_EveryMember_HasAField(System.Type view, string message)
    {
        var faults = new List<string>();
        Compare(view, Find(message), [], faults, []);
        Assert.Equal([], faults);
    }

    [Theory, MemberData(nameof(Requests))]
    public void Request_EveryMember_HasAField(System.Type request, string message, string[] beside)
    {
        var faults = new List<string>();
        Compare(request, Find(message), beside, faults, []);
        Assert.Equal([], faults);
    }

    [Fact]
    public void Enum_EveryWordOfRest_IsAValue()
    {
        Assert.Equal(System.Enum.GetNames<Abstractions.Status.SyncStatus>().Order(), WordsOf<SyncStatus>(SyncStatusReflection));
        Assert.Equal(System.Enum.GetNames<Abstractions.Status.HealthStatus>().Order(), WordsOf<HealthStatus>(HealthStatusReflection));
        Assert.Equal(System.Enum.GetNames<Documents.Rest.OperationPhase>().Order(), WordsOf<V1.OperationPhase>(Operation.Descriptor.FindFieldByName("phase").EnumType));
        Assert.Equal(System.Enum.GetNames<Documents.Rest.ApplyOutcome>().Order(), WordsOf<V1.ApplyOutcome>(V1.ApplyResult.Descriptor.FindFieldByName("result").EnumType));
    }

    [Fact]
    public void To_AWordThatIsUnknown_IsUnspecified() =>
        Assert.Equal(SyncStatus.Unspecified, Wire.To<Target>(new TargetView { Sync = "Sideways" }).Sync);

    [Fact]
    public void To_ValuesOfEveryKind_AreTheSame()
    {
        var time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.FromHours(2)).AddTicks(4567);
        var view = new ApplicationView
        {
            Metadata = new DocumentMetadata { Name = "web", Labels = new Dictionary<string, string> { ["a"] = "", ["b"] = "ä\u2028" } },
            Spec = new Documents.ApplicationSpec
            {
                Source = new Documents.SourceSpec { Helm = new Documents.HelmSpec { ValuesObject = JsonDocument.Parse("""{"a": [1, 2.5, true, null, {"b": "c"}]}""").RootElement } },
                Destination = new Documents.DestinationSpec { ClusterSelector = new Documents.ClusterSelector { MatchLabels = new Dictionary<string, string>() } },
                Sync = new Documents.SyncSpec { Prune = new Documents.PruneSpec { Enabled = true }, Timeout = TimeSpan.FromSeconds(90), Retry = new Documents.RetrySpec { Limit = -1 } },
            },
            Status = new ApplicationStatusView
            {
                Sync = "OutOfSync", Health = "Progressing", ObservedAt = time, Targets = new Documents.Rest.TargetsSummary { Total = 3, Sync = new Dictionary<string, int> { ["Synced"] = 3 } },
                Conditions = [new ConditionView { Type = "RenderFailed", Since = time, Document = 0 }],
                Operation = new OperationView { Phase = Documents.Rest.OperationPhase.Pending, Attempt = 0, Objects = [] },
            },
        };
        var message = Wire.To<Application>(view);
        SameAnswer.Assert(JsonSerializer.Serialize(view, DocumentJson.Rest), message);
        Assert.True(message.Status.Conditions[0].HasDocument);
        Assert.NotNull(message.Spec.Destination.ClusterSelector);
        Assert.Equal(("1m30s", SyncStatus.OutOfSync, V1.OperationPhase.Pending), (message.Spec.Sync.Timeout, message.Status.Sync, message.Status.Operation.Phase));
        // What is compared is really told apart.
        Assert.Equal([".status.sync: REST \"OutOfSync\", gRPC \"SYNC_STATUS_SYNCED\""], SameAnswer.Differences("""{"status": {"sync": "OutOfSync"}}""", """{"status": {"sync": "SYNC_STATUS_SYNCED"}}"""));
        Assert.Equal([".a: REST 1, gRPC nothing"], SameAnswer.Differences("""{"a": 1, "b": []}""", "{}"));
    }

    [Fact]
    public void From_WhatIsNotSet_IsNull()
    {
        var nothing = Wire.From<SyncRequest>(new SyncApplicationRequest { Project = "default", Name = "web" });
        Assert.Equal(new SyncRequest(), nothing);
        var all = Wire.From<SyncRequest>(new SyncApplicationRequest { Prune = false, DryRun = true, Objects = { "Service/a" }, OnError = "", Revision = "abc" });
        Assert.Equal((false, true, "", "abc"), (all.Prune!.Value, all.DryRun!.Value, all.OnError, all.Revision));
        Assert.Equal(["Service/a"], all.Objects);
        var query = Wire.From<Fleet.ListQuery>(new ListApplicationsRequest { Sync = SyncStatus.OutOfSync, Limit = 7, ContinueToken = "x", Q = "web" });
        Assert.Equal(new Fleet.ListQuery { Sync = "OutOfSync", Limit = 7, Continue = "x", Q = "web" }, query);
    }

    private static EnumDescriptor SyncStatusReflection => Target.Descriptor.FindFieldByName("sync").EnumType;

    private static EnumDescriptor HealthStatusReflection => Target.Descriptor.FindFieldByName("health").EnumType;

    private static IEnumerable<string> WordsOf<T>(EnumDescriptor type)
        where T : struct, System.Enum => System.Enum.GetValues<T>().Select(value => Wire.WordOf(type, Convert.ToInt32(value, null))).OfType<string>().Order();

    private static MessageDescriptor Find(string name) =>
        new[] { StatusReflection.Descriptor, TargetsReflection.Descriptor, RequestsReflection.Descriptor }.SelectMany(file => file.MessageTypes).Single(type => type.FullName == name);

    private static void Compare(System.Type view, MessageDescriptor message, IReadOnlyList<string> beside, List<string> faults, HashSet<(System.Type, string)> seen)
    {
        if (!seen.Add((view, message.FullName))) return;
        var members = DocumentJson.Rest.GetTypeInfo(view).Properties.Where(member => !member.IsExtensionData && member.Get is not null).ToDictionary(member => member.Name);
        var fields = message.Fields.InDeclarationOrder().Where(field => !beside.Contains(field.JsonName)).ToDictionary(field => field.JsonName);
        // How many there are, and whether all of them, only pages say; the size of a page is no member of a query.
        faults.AddRange(members.Keys.Except(fields.Keys).Where(name => name != "pageSize").Select(name => $"{view.Name}.{name} has no field in {message.Name}"));
        faults.AddRange(fields.Keys.Except(members.Keys).Select(name => $"{message.Name}.{name} has no member in {view.Name}"));
        foreach (var (name, field) in fields)
            if (members.TryGetValue(name, out var member)) CompareMember(member, field, faults, seen);
    }

    private static void CompareMember(JsonPropertyInfo member, FieldDescriptor field, List<string> faults, HashSet<(System.Type, string)> seen)
    {
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        if (field.IsMap) (type, field) = (Argument(type, typeof(IReadOnlyDictionary<,>), 1), field.MessageType.FindFieldByNumber(2));
        else if (field.IsRepeated) type = Argument(type, typeof(IReadOnlyList<>), 0);
        var fits = field.FieldType switch
        {
            FieldType.String => type == typeof(string) || type == typeof(TimeSpan),
            FieldType.Bool => type == typeof(bool),
            FieldType.Int32 => type == typeof(int),
            FieldType.Double => type == typeof(double),
            FieldType.Enum => type.IsEnum || (type == typeof(string) && Shapes.ContainsKey(member.Name)),
            FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName => type == typeof(DateTimeOffset),
            FieldType.Message when field.MessageType.FullName == Value.Descriptor.FullName || field.MessageType.FullName == Struct.Descriptor.FullName => type == typeof(JsonElement),
            _ => true,
        };
        if (!fits) faults.Add($"{field.FullName} is {field.FieldType}, {member.Name} is {type.Name}");
        // A value that may be absent is told from one that is empty.
        if (fits && !field.IsRepeated && field.FieldType is FieldType.Bool or FieldType.Int32 && Nullable.GetUnderlyingType(member.PropertyType) is not null && !field.HasPresence)
            faults.Add($"{field.FullName} must be optional");
        if (field.FieldType == FieldType.Message && field.MessageType.File.Package == "gitopsgrains.v1") Compare(type, field.MessageType, [], faults, seen);
    }

    private static System.Type Argument(System.Type type, System.Type shape, int index) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == shape ? type.GetGenericArguments()[index] : typeof(void);
}
