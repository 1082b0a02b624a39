using System.Text;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Manifests;
using GitOpsGrains.Grains.Repositories;
using GitOpsGrains.Grains.Tests.Manifests;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Repositories;

/// <summary>Which renders are run, by a renderer that knows texts instead of trees.</summary>
public sealed class RepositoryRendersTests
{
    private readonly TextRenderer _renderer = new();
    private readonly ScriptedStore _store = new();
    private readonly RepositoryRenders _renders;
    private readonly List<string> _askedForKinds = [];
    private Exception? _kindsFailure;

    private readonly FakeTimeProvider _time = new();

    public RepositoryRendersTests() => _renders = new RepositoryRenders(_renderer, new ManifestLibrary(_store), _time);

    /// <summary>Two silos share the store and no memory.</summary>
    [Fact]
    public async Task Stored_AnswerOfOneSilo_LeadsToTheSetOnAnotherOne()
    {
        _renderer.Texts["app"] = Map("one", "1");
        var answer = await RenderAsync([new SourceSpec { Repository = "web", Path = "app" }], new RenderScope());
        var elsewhere = new ManifestLibrary(_store);
        Assert.Null(await elsewhere.LoadAsync(answer.SetDigest, answer.ManifestKey, TestContext.Current.CancellationToken));

        var stored = await _renders.StoredAsync(answer, TestContext.Current.CancellationToken);

        var set = await elsewhere.LoadAsync(stored.SetDigest, stored.ManifestKey, TestContext.Current.CancellationToken);
        Assert.Equal(answer.SetDigest, set!.Digest);
    }

    [Fact]
    public async Task Substitution_ClustersThatDifferInOtherVariables_AreOneRender()
    {
        _renderer.Texts["app"] = Map("one", "${region:-none}");
        for (var index = 0; index < 10; index++) await RenderAsync([Substituting], Scope($"c{index}", "eu"));
        Assert.Equal(1, _renderer.Renders);

        var other = await RenderAsync([Substituting], Scope("c0", "us"));
        Assert.Equal(2, _renderer.Renders);
        Assert.Equal(["region"], other.Uses!.Variables);
    }

    [Theory]
    [InlineData(GitErrorKind.PathNotFound, 1)]
    [InlineData(GitErrorKind.PathRefused, 1)]
    [InlineData(GitErrorKind.Submodule, 0)]
    public async Task Reads_OfWhatCannotBeRead_AreTheSameForARenderAndForACommitThatIsLookedAt(GitErrorKind failure, int entries)
    {
        _renderer.Failure = failure;
        var inputs = Inputs([new SourceSpec { Repository = "web", Path = "gone" }], new RenderScope());

        var rendered = (await _renders.RenderAsync(inputs, known: null, TestContext.Current.CancellationToken)).Reads;
        var looked = await _renders.ReadSetOfAsync(inputs, TestContext.Current.CancellationToken);

        Assert.Equal(entries, rendered.Entries.Length);
        Assert.Equal(rendered.Digest, looked.Digest);
    }

    [Fact]
    public async Task Substitution_ManyAtOnce_WaitForTheFirstToTellWhatMatters()
    {
        _renderer.Texts["app"] = Map("one", "${region:-none}");
        _renderer.Hold();
        var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var all = Task.Factory.StartNew(
            () => Task.WhenAll(Enumerable.Range(0, 10).Select(index => RenderAsync([Substituting], Scope($"c{index}", "eu")))),
            TestContext.Current.CancellationToken, TaskCreationOptions.None, scheduler).Unwrap();
        await _renderer.Reached;
        _renderer.Release();

        Assert.Single((await all).Select(answer => answer.RenderKey).Distinct());
        Assert.Equal(1, _renderer.Renders);
    }

    [Fact]
    public async Task Substitution_VariableInADefaultThatOneClusterDoesNotNeed_StillTellsTheOthersApart()
    {
        _renderer.Texts["app"] = Map("one", "${region:-${zone}}");
        RenderScope Of(params (string, string)[] variables) => new() { Variables = variables.ToDictionary(item => item.Item1, item => item.Item2) };

        var first = await RenderAsync([Substituting], Of(("region", "eu"), ("zone", "a")));
        var second = await RenderAsync([Substituting], Of(("zone", "a")));
        var third = await RenderAsync([Substituting], Of(("zone", "b")));

        Assert.Equal(3, new[] { first, second, third }.Select(answer => answer.SetDigest).Distinct().Count());
        Assert.Equal(["region", "zone"], first.Uses!.Variables);
    }

    [Fact]
    public async Task Fault_TellsTheVariablesThatWereMet_AndLearnsNothingOfTheOthers()
    {
        _renderer.Texts["app"] = Map("one", "${region:?say it}");
        RenderScope Of(params (string, string)[] variables) => new() { Variables = variables.ToDictionary(item => item.Item1, item => item.Item2) };

        var fault = await RenderAsync([Substituting], Of(("zone", "a")));
        var good = await RenderAsync([Substituting], Of(("zone", "a"), ("region", "eu")));

        Assert.Equal((false, ConditionTypes.RenderFailed), (fault.IsSuccess, Assert.Single(fault.Conditions).Type));
        Assert.Equal(["region"], fault.Uses!.Variables);
        Assert.Equal((true, "region"), (good.IsSuccess, Assert.Single(good.Uses!.Variables)));
    }

    [Fact]
    public async Task FaultOfOneOfTwoSources_TellsWhatItMayDependOn()
    {
        _renderer.Texts["app"] = Map("one", "${region:?say it}");
        _renderer.Texts["more"] = Map("two", "2");

        var answer = await RenderAsync([Substituting, new SourceSpec { Repository = "other", Path = "more" }], new RenderScope());

        Assert.Equal((false, "region"), (answer.IsSuccess, Assert.Single(answer.Uses!.Variables)));
    }

    [Fact]
    public async Task Chart_WhoseClusterCantBeAskedForItsKinds_WaitsForThatClusterAlone()
    {
        _renderer.Asks = true;
        _renderer.Texts["chart"] = Map("one", "v");
        _kindsFailure = new TimeoutException();

        var answer = await RenderAsync([new SourceSpec { Repository = "fleet", Path = "chart", Helm = new HelmSpec() }], Known("a", "v1.34.0"));

        Assert.Equal(ConditionTypes.ClusterAwaited, Assert.Single(answer.Conditions).Type);
        Assert.True(answer.Uses!.Capabilities);
    }

    [Fact]
    public async Task Chart_OfAClusterThatIsNotKnown_WaitsOnlyIfItAsks()
    {
        _renderer.Texts["chart"] = Map("one", "v");
        var chart = new SourceSpec { Repository = "fleet", Path = "chart", Helm = new HelmSpec() };

        Assert.True((await RenderAsync([chart], new RenderScope())).IsSuccess);
        Assert.True((await RenderAsync([chart], Known("a", "v1.34.0"))).IsSuccess);
        Assert.Equal(1, _renderer.Renders);
        Assert.Empty(_askedForKinds);

        _renderer.Asks = true;
        _renderer.Texts["chart"] = Map("one", "w");
        Assert.True((await RenderAsync([chart], new RenderScope())).AwaitsCluster);
        Assert.True((await RenderAsync([chart], new RenderScope())).AwaitsCluster);
        Assert.Equal(2, _renderer.Renders);

        Assert.True((await RenderAsync([chart], Known("a", "v1.34.0"))).IsSuccess);
        Assert.True((await RenderAsync([chart], Known("b", "v1.34.0"))).IsSuccess);
        Assert.Equal(3, _renderer.Renders);
        Assert.Equal(["a"], _askedForKinds);
        Assert.Equal(("v1.34.0", "apps/v1"), (_renderer.Last!.Context.Capabilities.KubeVersion, Assert.Single(_renderer.Last.Context.Capabilities.ApiVersions)));

        await RenderAsync([chart], Known("c", "v1.30.0"));
        Assert.Equal(4, _renderer.Renders);
        Assert.Equal(ConditionTypes.ClusterAwaited, Assert.Single((await RenderAsync([chart], Known("c", "v1.29.0") with { Kinds = "others" })).Conditions).Type);
    }

    /// <summary>After a restart nothing is in memory, and what an application has need not be rendered to know that it is still that.</summary>
    [Theory]
    [InlineData("plain", 0)]
    [InlineData("plain, another text", 1)]
    [InlineData("plain, another build", 1)]
    [InlineData("plain, no build", 1)]
    [InlineData("chart", 0)]
    [InlineData("chart that asks", 1)]
    [InlineData("substituted", 1)]
    [InlineData("empty", 1)]
    public async Task KnownRender_OfTheSameFilesAndNothingElse_IsNotRunAgain(string what, int renders)
    {
        var source = new SourceSpec
        {
            Repository = "fleet",
            Path = "app",
            Helm = what.StartsWith("chart", StringComparison.Ordinal) ? new HelmSpec() : null,
            Substitute = what == "substituted" ? new SubstituteSpec() : null,
        };
        var scope = Known("a", "v1.34.0");
        (_renderer.Asks, _renderer.Texts["app"]) = (what == "chart that asks", what == "empty" ? "" : Map("one", "1"));
        var before = await RenderAsync([source], scope);
        var known = new KnownRender(before.RenderKey, before.SetDigest, what switch { "plain, another build" => "other", "plain, no build" => "", _ => before.RenderedBy });
        if (what == "plain, another text") _renderer.Texts["app"] = Map("one", "2");
        var restarted = new TextRenderer { Asks = _renderer.Asks };
        restarted.Texts["app"] = _renderer.Texts["app"];
        var after = new RepositoryRenders(restarted, new ManifestLibrary(_store), _time);

        var answer = (await after.RenderAsync(Inputs([source], scope), known, TestContext.Current.CancellationToken)).Answer;

        Assert.Equal(renders, restarted.Renders);
        Assert.Equal(what != "plain, another text", answer.SetDigest == before.SetDigest);
        Assert.Equal((before.IsSuccess, before.IsEmpty), (answer.IsSuccess, answer.IsEmpty));
        Assert.Equal(before.Uses?.Capabilities, answer.Uses?.Capabilities);

        // Whoever needs the manifests themselves gets them all the same.
        var again = (await after.RenderAsync(Inputs([source], scope), known: null, TestContext.Current.CancellationToken)).Answer;
        Assert.Equal(1, restarted.Renders);
        if (again.IsSuccess) Assert.NotNull(after.Find(again.SetDigest));
    }

    [Fact]
    public async Task KnownRender_OfOneOfTwoSources_CountsForNothing()
    {
        (_renderer.Texts["app"], _renderer.Texts["more"]) = (Map("one", "1"), Map("two", "2"));
        SourceSpec[] sources = [new SourceSpec { Repository = "fleet", Path = "app" }, new SourceSpec { Repository = "other", Path = "more" }];
        var one = await RenderAsync([sources[0]], new RenderScope());

        var both = (await _renders.RenderAsync(Inputs(sources, new RenderScope()), new KnownRender(one.RenderKey, one.SetDigest, one.RenderedBy), TestContext.Current.CancellationToken)).Answer;

        Assert.Equal((true, 2, ""), (both.IsSuccess, both.Objects, both.RenderedBy));
    }

    [Fact]
    public async Task TwoSources_AreOneSetWithTheirPositions()
    {
        _renderer.Texts["app"] = Map("one", "1");
        _renderer.Texts["more"] = Map("two", "2");

        var answer = await RenderAsync([new SourceSpec { Repository = "fleet", Path = "app" }, new SourceSpec { Repository = "other", Path = "more", Name = "extra" }, new SourceSpec { Repository = "third", Name = "values" }], new RenderScope());

        Assert.Equal((true, 2), (answer.IsSuccess, answer.Objects));
        Assert.Equal(["fleet:app/file.yaml", "extra:more/file.yaml"], _renders.Find(answer.SetDigest)!.Objects.Select(item => item.Position.File));
        Assert.Equal(2, _renderer.Renders);
    }

    [Fact]
    public async Task TwoSourcesWithOneObject_AreAFaultThatNamesBothFiles()
    {
        _renderer.Texts["app"] = Map("one", "1");
        _renderer.Texts["more"] = Map("one", "2");

        var answer = await RenderAsync([new SourceSpec { Repository = "fleet", Path = "app" }, new SourceSpec { Repository = "other", Path = "more" }], new RenderScope());

        var fault = Assert.Single(answer.Conditions);
        Assert.Equal((ConditionTypes.RenderFailed, "other:more/file.yaml", "the same object is already in fleet:app/file.yaml#0"), (fault.Type, fault.File, fault.Message));
        Assert.True(answer.SetDigest.IsNone);
    }

    [Fact]
    public async Task FaultInOneOfTwoSources_LeavesNoSet_AndSaysWhichSource()
    {
        _renderer.Texts["app"] = Map("one", "1");
        _renderer.Texts["more"] = "a: [";

        var answer = await RenderAsync([new SourceSpec { Repository = "fleet", Path = "app" }, new SourceSpec { Repository = "other", Path = "more" }], new RenderScope());
        var absent = await RenderAsync([new SourceSpec { Repository = "fleet", Path = "app" }, new SourceSpec { Repository = "other", Path = "gone" }], new RenderScope());

        Assert.Equal("other:more/file.yaml", Assert.Single(answer.Conditions).File);
        Assert.Equal((ConditionTypes.PathMissing, "other:gone: nothing is at 'gone'"), (Assert.Single(absent.Conditions).Type, absent.Conditions[0].Message));
        Assert.True(answer.SetDigest.IsNone && absent.SetDigest.IsNone);
    }

    [Fact]
    public async Task EmptySource_IsEmptinessOfTheWhole_WithTheSetOfTheOthers()
    {
        _renderer.Texts["app"] = Map("one", "1");
        _renderer.Texts["more"] = "";

        var answer = await RenderAsync([new SourceSpec { Repository = "fleet", Path = "app" }, new SourceSpec { Repository = "other", Path = "more" }], new RenderScope());

        Assert.Equal((false, true, 1), (answer.IsSuccess, answer.IsEmpty, answer.Objects));
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(180, 2)]
    [InlineData(-600, 2)]
    public async Task TransientFault_IsHeldForTwoMinutes_AndNoLongerWhereTheClockIsSetBack(int seconds, int renders)
    {
        _renderer.Texts["app"] = "a: [";
        _renderer.IsTransient = true;
        SourceSpec[] sources = [new SourceSpec { Repository = "fleet", Path = "app" }];
        await RenderAsync(sources, new RenderScope());
        _time.AdjustTime(_time.GetUtcNow().AddSeconds(seconds));
        await RenderAsync(sources, new RenderScope());

        Assert.Equal(renders, _renderer.Renders);
    }

    private static SourceSpec Substituting { get; } = new() { Repository = "fleet", Path = "app", Substitute = new SubstituteSpec() };

    private static RenderScope Scope(string cluster, string region) =>
        new() { Variables = new Dictionary<string, string> { ["CLUSTER_NAME"] = cluster, ["region"] = region } };

    private static RenderScope Known(string cluster, string version) => new() { Cluster = cluster, KubeVersion = version, Kinds = "kinds" };

    private static string Map(string name, string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{key: \"{value}\"}}\n";

    private async Task<RenderAnswer> RenderAsync(IReadOnlyList<SourceSpec> sources, RenderScope scope) =>
        (await _renders.RenderAsync(Inputs(sources, scope), known: null, TestContext.Current.CancellationToken)).Answer;

    private RenderInputs Inputs(IReadOnlyList<SourceSpec> sources, RenderScope scope)
    {
        var parts = sources.Select(source => new RenderPart(new RepositoryAccess(source.Repository, "https://example.com/x", TimeSpan.FromSeconds(1)), new RenderingSpec(), source, "c")).ToArray();
        return new RenderInputs(parts, scope, cluster =>
        {
            _askedForKinds.Add(cluster);
            if (_kindsFailure is { } failure) throw failure;
            return Task.FromResult(new ClusterKinds { Digest = "kinds", ApiVersions = ["apps/v1"] });
        });
    }

    /// <summary>The "tree" at a path is a text, its id the text's hash.</summary>
    private sealed class TextRenderer : IRenderer
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _gate;

        public Dictionary<string, string> Texts { get; } = [];
        public bool Asks { get; set; }
        public bool IsTransient { get; set; }

        /// <summary>Of a path without a text.</summary>
        public GitErrorKind Failure { get; set; } = GitErrorKind.PathNotFound;
        public int Renders { get; private set; }
        public RenderRequest? Last { get; private set; }
        public Task Reached => _reached.Task;

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate!.SetResult();

        public Task<RenderKey> KeyAsync(RenderRequest request, CancellationToken cancellationToken)
        {
            if (!Texts.TryGetValue(request.Source.Path, out var text)) throw new GitException(Failure, $"nothing is at '{request.Source.Path}'");
            var id = Digest.Of(text).ToString();
            return Task.FromResult(new RenderKey(id, ReadSet.Of(new ReadSetEntry(request.Repository.Name, request.Source.Path, id, ReadKind.Tree))) { MayAskCluster = request.Source.Helm is not null });
        }

        public async Task<RenderResult> RenderAsync(RenderRequest request, CancellationToken cancellationToken)
        {
            Renders++;
            Last = request;
            _reached.TrySetResult();
            if (_gate is { } gate) await gate.Task;
            var substitution = request.Source.Substitute is null ? null : new Substitution(request.Context.Variables);
            var parsed = ManifestParser.Parse("file.yaml", Encoding.UTF8.GetBytes(Texts[request.Source.Path]), request.Limits, substitution);
            var (set, faults) = parsed.Faults.Count > 0 ? (null, parsed.Faults) : ManifestSets.Combine(parsed.Objects);
            return new RenderResult(await KeyAsync(request, cancellationToken), set, faults) { AsksCluster = request.Source.Helm is null ? null : Asks, Variables = parsed.Variables, IsTransient = IsTransient && set is null };
        }
    }
}
