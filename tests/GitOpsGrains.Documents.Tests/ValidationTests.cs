using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Documents.Tests;

public sealed class ValidationTests
{
    private const string Shape = "not a name: lower-case letters, digits, '-' and '.', at most 63 characters, beginning and ending with a letter or digit, no '..'";
    private const string LabelShape = "not a label value: letters, digits, '-', '_' and '.', at most 63 characters";

    [Theory]
    [InlineData("project: Web", "line 7: spec.project: " + Shape)]
    [InlineData("project: a..b", "line 7: spec.project: " + Shape)]
    [InlineData("project: a/b", "line 7: spec.project: " + Shape)]
    [InlineData("project: a_b", "line 7: spec.project: " + Shape)]
    [InlineData("project: ''", "line 7: spec.project: required")]
    [InlineData("sources: [{repository: other}]", "line 7: spec.sources: give source or sources, not both")]
    [InlineData("sync: {foreignFields: kep}", "line 7: spec.sync.foreignFields: expected one of keep, report, remove; did you mean keep?")]
    [InlineData("sync: {onFailure: explode}", "line 7: spec.sync.onFailure: expected one of stop, continue, restore")]
    [InlineData("sync: {prune: {propagation: none}}", "line 7: spec.sync.prune.propagation: expected one of foreground, background, orphan")]
    [InlineData("sync: {prune: {budget: {percent: 101}}}", "line 7: spec.sync.prune.budget.percent: must be from 0 to 100")]
    [InlineData("sync: {prune: {budget: {objects: -1}}}", "line 7: spec.sync.prune.budget.objects: must be from 0 to 2147483647")]
    [InlineData("sync: {prune: {confirmKinds: ['']}}", "line 7: spec.sync.prune.confirmKinds[0]: required")]
    [InlineData("sync: {options: [Replace=True]}", "line 7: spec.sync.options[0]: unknown option; did you mean Replace=true?")]
    [InlineData("sync: {preemption: never}", "line 7: spec.sync.preemption: expected one of cancel, finish-wave")]
    [InlineData("sync: {options: [Replace]}", "line 7: spec.sync.options[0]: expected NAME=VALUE, for example CreateNamespace=true")]
    [InlineData("sync: {timeout: 9s}", "line 7: spec.sync.timeout: must be from 10s to 24h")]
    [InlineData("sync: {healthTimeout: 25h}", "line 7: spec.sync.healthTimeout: must be from 1s to 24h")]
    [InlineData("sync: {retry: {limit: -2}}", "line 7: spec.sync.retry.limit: must be from 0 to 100, or -1 for no end")]
    [InlineData("sync: {retry: {limit: 101}}", "line 7: spec.sync.retry.limit: must be from 0 to 100, or -1 for no end")]
    [InlineData("sync: {prune: {allowEmpty: 1}}", "line 7: spec.sync.prune.allowEmpty: expected true or false, got a number")]
    [InlineData("sync: {retry: {backoff: {factor: 0.5}}}", "line 7: spec.sync.retry.backoff.factor: must be from 1 to 10")]
    [InlineData("sync: {retry: {backoff: {duration: 0s}}}", "line 7: spec.sync.retry.backoff.duration: must be from 1s to 1h")]
    [InlineData("sync: {retry: {backoff: {duration: 10s, max: 9s}}}", "line 7: spec.sync.retry.backoff.max: must be from the backoff's duration to 24h")]
    [InlineData("driftCheck: {interval: 59s}", "line 7: spec.driftCheck.interval: must be from 1m to 24h")]
    [InlineData("driftCheck: {interval: 5m, deepInterval: 4m}", "line 7: spec.driftCheck.deepInterval: must be from the interval to 168h")]
    [InlineData("deletionPolicy: Delete", "line 7: spec.deletionPolicy: expected one of keep, delete; did you mean delete?")]
    [InlineData("dependsOn: [other]", "line 7: spec.dependsOn: this field is not supported yet")]
    [InlineData("ignoreDifferences: [{kind: Deployment}]", "line 7: spec.ignoreDifferences[0]: names nothing to ignore: give jsonPointers, jqPathExpressions, jmesPaths or managedFieldsManagers")]
    [InlineData("ignoreDifferences: [{jsonPointers: [/a, spec/replicas]}]", "line 7: spec.ignoreDifferences[0].jsonPointers[1]: at character 1: a JSON pointer begins with '/'")]
    [InlineData("ignoreDifferences: [{jqPathExpressions: ['.spec.a-b']}]", "line 7: spec.ignoreDifferences[0].jqPathExpressions[0]: at character 8: a key with '-' is written in quotes: .\"a-b\"")]
    [InlineData("ignoreDifferences: [{jmesPaths: ['spec.items | [0]']}]", "line 7: spec.ignoreDifferences[0].jmesPaths[0]: at character 12: a pipe is not supported: a path names places in the object")]
    [InlineData("ignoreDifferences: [{managedFieldsManagers: ['']}]", "line 7: spec.ignoreDifferences[0].managedFieldsManagers[0]: required")]
    [InlineData("ignoreDifferences: [{jsonPointer: [/a]}]", "line 7: spec.ignoreDifferences[0].jsonPointer: unknown field; did you mean jsonPointers?")]
    public void Validate_ApplicationWithOneFault_IsTold(string line, string expected) =>
        Assert.Equal(["document 0 (Application web), " + expected], Streams.Faults(Streams.With(line)));

    [Theory]
    [InlineData("{destination: {clusters: [a]}}", "spec.source: required")]
    [InlineData("{sources: [{repository: a}, {repository: b, name: x/y}], destination: {clusters: [a]}}", "spec.sources[1].name: not a source's name: letters, digits, '-' and '_', at most 63 characters")]
    [InlineData("{sources: [{repository: a}, {repository: b, name: v}, {repository: c, name: v}], destination: {clusters: [a]}}", "spec.sources[2].name: given twice")]
    [InlineData("{sources: [{repository: a, name: v}, {repository: b, name: w}], destination: {clusters: [a]}}", "spec.sources: nothing is rendered: a source with a name and no path is only read by others ('.' is the root)")]
    [InlineData("{source: {repository: a, name: v}, destination: {clusters: [a]}}", "spec.source: nothing is rendered: a source with a name and no path is only read by others ('.' is the root)")]
    [InlineData("{sources: [{repository: a}, {repository: b, name: v, helm: {}}], destination: {clusters: [a]}}", "spec.sources[1].path: required: with a name and no path a source is only read by others, and nothing of it is rendered ('.' is the root)")]
    [InlineData("{sources: [{repository: a, helm: {valueFiles: [$w/x.yaml]}}, {repository: b, name: v}], destination: {clusters: [a]}}", "spec.sources[0].helm.valueFiles[0]: no source has this name: '$NAME/path' is a file of the source with 'name: NAME'")]
    [InlineData("{source: {repository: a, helm: {fileParameters: [{name: a, path: $v/x}]}}, destination: {clusters: [a]}}", "spec.source.helm.fileParameters[0].path: no source has this name: '$NAME/path' is a file of the source with 'name: NAME'")]
    [InlineData("{sources: [{repository: a}, {repository: b, path: ../x}], destination: {clusters: [a]}}", "spec.sources[1].path: must not hold '..'")]
    [InlineData("{source: {repository: a}}", "spec.destination.clusters: required: names of clusters, or a clusterSelector")]
    [InlineData("{source: {repository: a}, destination: {clusters: [a], clusterSelector: {matchLabels: {}}}}", "spec.destination.clusterSelector: give clusters or clusterSelector, not both")]
    [InlineData("{source: {repository: a}, destination: {clusterSelector: {}}}", "spec.destination.clusterSelector.matchLabels: required; an empty map {} chooses every cluster")]
    [InlineData("{source: {repository: a}, destination: {clusterSelector: {matchLabels: {a: 'b c'}}}}", "spec.destination.clusterSelector.matchLabels['a']: " + LabelShape)]
    [InlineData("{source: {repository: a}, destination: {clusters: [a, a]}}", "spec.destination.clusters[1]: given twice")]
    [InlineData("{source: {repository: a}, destination: {clusters: [A]}}", "spec.destination.clusters[0]: " + Shape)]
    [InlineData("{source: {repository: a}, destination: {clusters: [a], namespace: a.b}}", "spec.destination.namespace: not a namespace: lower-case letters, digits and '-', at most 63 characters")]
    [InlineData("{source: {repository: a, path: /x}, destination: {clusters: [a]}}", "spec.source.path: must be relative to the root of the repository")]
    [InlineData("{source: {repository: a, path: x/../y}, destination: {clusters: [a]}}", "spec.source.path: must not hold '..'")]
    [InlineData("{source: {repository: a, path: 'x\\y'}, destination: {clusters: [a]}}", "spec.source.path: must use '/', not '\\'")]
    [InlineData("{source: {repository: a, ref: '>=1.0 <main'}, destination: {clusters: [a]}}", "spec.source.ref: not a range of versions, for example '>=1.2.0 <2.0.0', '~1.2' or '1.x'")]
    [InlineData("{source: {repository: a, ref: '!=1.0'}, destination: {clusters: [a]}}", "spec.source.ref: not a range of versions, for example '>=1.2.0 <2.0.0', '~1.2' or '1.x'")]
    [InlineData("{source: {repository: a, ref: main, tagPrefix: web/}, destination: {clusters: [a]}}", "spec.source.ref: with tagPrefix: not a range of versions, for example '>=1.2.0 <2.0.0'")]
    [InlineData("{source: {repository: a, ref: ^1, tagPrefix: 'a b'}, destination: {clusters: [a]}}", "spec.source.tagPrefix: not the beginning of a tag's name")]
    [InlineData("{source: {repository: a, ref: ^1, tagPrefix: 'a..'}, destination: {clusters: [a]}}", "spec.source.tagPrefix: not the beginning of a tag's name")]
    [InlineData("{source: {repository: a, ref: -x}, destination: {clusters: [a]}}", "spec.source.ref: not a branch, tag, ref, commit id or range of versions")]
    [InlineData("{source: {repository: a, ref: 'a:b'}, destination: {clusters: [a]}}", "spec.source.ref: not a branch, tag, ref, commit id or range of versions")]
    [InlineData("{source: {repository: a, ref: ''}, destination: {clusters: [a]}}", "spec.source.ref: required")]
    [InlineData("{source: {repository: ''}, destination: {clusters: [a]}}", "spec.source.repository: required")]
    [InlineData("{source: {repository: a, helm: {values: [x]}}, destination: {clusters: [a]}}", "spec.source.helm.values: expected a string, got a list")]
    [InlineData("{source: {repository: a, helm: {valuesObject: [x]}}, destination: {clusters: [a]}}", "spec.source.helm.valuesObject: expected a mapping")]
    [InlineData("{source: {repository: a, helm: {releaseName: Web}}, destination: {clusters: [a]}}", "spec.source.helm.releaseName: not a release's name: lower-case letters, digits, '-' and '.', at most 53 characters")]
    [InlineData("{source: {repository: a, helm: {valueFiles: ['https://a/b.yaml']}}, destination: {clusters: [a]}}", "spec.source.helm.valueFiles[0]: must be a file of a source, not a URL")]
    [InlineData("{source: {repository: a, helm: {parameters: [{name: 'a=b', value: c}]}}, destination: {clusters: [a]}}", "spec.source.helm.parameters[0].name: must not hold '='")]
    [InlineData("{source: {repository: a, helm: {passCredentials: true}}, destination: {clusters: [a]}}", "spec.source.helm.passCredentials: unknown field")]
    [InlineData("{source: {repository: a, kustomize: {images: ['=a']}}, destination: {clusters: [a]}}", "spec.source.kustomize.images[0]: expected [old=]new[:tag|@digest]")]
    [InlineData("{source: {repository: a, kustomize: {patches: [{path: a, patch: b}]}}, destination: {clusters: [a]}}", "spec.source.kustomize.patches[0]: give one of patch and path")]
    [InlineData("{source: {repository: a, kustomize: {replicas: [{name: a, count: -1}]}}, destination: {clusters: [a]}}", "spec.source.kustomize.replicas[0].count: must not be negative")]
    [InlineData("{source: {repository: a, kustomize: {labelIncludeTemplates: true}}, destination: {clusters: [a]}}", "spec.source.kustomize.labelIncludeTemplates: means something with labelWithoutSelector only: labels in selectors are in templates too")]
    [InlineData("{source: {repository: a, kustomize: {}, helm: {}}, destination: {clusters: [a]}}", "spec.source: give one of directory, kustomize and helm")]
    [InlineData("{source: {repository: a, substitute: {variables: {a-b: c}}}, destination: {clusters: [a]}}", "spec.source.substitute.variables.a-b: not a variable's name: letters, digits and '_', not beginning with a digit")]
    public void Validate_SpecWithOneFault_IsTold(string spec, string expected) =>
        Assert.Equal(["document 0 (Application web), line 4: " + expected], Streams.Faults(Streams.Application(spec)));

    [Theory]
    [InlineData("{url: ''}", "spec.url: required")]
    [InlineData("{}", "spec.url: required")]
    [InlineData("{url: 'https://u:p@example.com/a'}", "spec.url: must not hold a user name or password; use credentials")]
    [InlineData("{url: 'https://@example.com/a'}", "spec.url: must not hold a user name or password; use credentials")]
    [InlineData("{url: 'https://example.com/a?private_token=x'}", "spec.url: must not hold a query or fragment")]
    [InlineData("{url: 'https:///a'}", "spec.url: not a URL")]
    [InlineData("{url: 'ext::sh -c id'}", "spec.url: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("{url: 'ext::id'}", "spec.url: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("{url: 'git://example.com/a'}", "spec.url: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("{url: /srv/git/a}", "spec.url: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("{url: 'ssh://git:p@example.com/a'}", "spec.url: must not hold a password; use credentials")]
    [InlineData("{url: 'ssh://-oProxyCommand=id/a'}", "spec.url: the host is none")]
    [InlineData("{url: '-oProxyCommand=id:a'}", "spec.url: the host is none")]
    [InlineData("{url: 'ssh://-l@example.com/a'}", "spec.url: the user is none")]
    [InlineData("{url: 'ssh://example.com:0/a'}", "spec.url: the port is none")]
    [InlineData("{url: 'ssh://example.com/a/../b'}", "spec.url: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{url: 'https://example.com/a/../b'}", "spec.url: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{url: 'https://example.com/a/%2E%2e/b'}", "spec.url: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{url: 'https://example.com/a%2fb'}", "spec.url: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{url: 'https://example.com/a%252fb'}", "spec.url: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{url: 'https://example.com/a//b'}", "spec.url: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{url: 'file://host/a'}", "spec.url: a file URL has no host: file:///path")]
    [InlineData("{url: 'file:///srv/../etc'}", "spec.url: must be an absolute path without '.' and '..' parts")]
    [InlineData("{url: 'file:///srv/%2e%2e/etc'}", "spec.url: must not hold percent escapes")]
    [InlineData("{url: 'https://example.com/a', poll: {interval: 4s}}", "spec.poll.interval: must be from 5s to 24h")]
    [InlineData("{url: 'https://example.com/a', caFrom: {}}", "spec.caFrom: give exactly one of file, env and stored")]
    [InlineData("{url: 'http://example.com/a', caFrom: {stored: a}}", "spec.caFrom: only https URLs have certificates")]
    [InlineData("{url: 'https://example.com/a', credentials: {tokenFrom: {stored: A}}}", "spec.credentials.tokenFrom.stored: " + Shape)]
    [InlineData("{url: 'https://example.com/a', credentials: {username: a}}", "spec.credentials: give exactly one of passwordFrom, tokenFrom, githubApp and sshKeyFrom, or clientCertificateFrom", "spec.credentials.username: only with passwordFrom or tokenFrom")]
    [InlineData("{url: 'https://example.com/a', credentials: {username: 'a:b', passwordFrom: {stored: a}}}", "spec.credentials.username: must not hold ':'")]
    [InlineData("{url: 'https://example.com/a', credentials: {githubApp: {appId: '1', installationId: 'a/b', privateKeyFrom: {stored: a}}}}", "spec.credentials.githubApp.installationId: not an id: letters, digits, '.' and '-', at most 64")]
    [InlineData("{url: 'https://example.com/a', credentials: {githubApp: {appId: '1', installationId: '2'}}}", "spec.credentials.githubApp.privateKeyFrom: required")]
    [InlineData("{url: 'https://example.com/a', credentials: {sshKeyFrom: {stored: a}, knownHostsFrom: {stored: a}}}", "spec.credentials.sshKeyFrom: only with an ssh URL")]
    [InlineData("{url: 'git@example.com:a/b', credentials: {sshKeyFrom: {stored: a}}}", "spec.credentials.knownHostsFrom: required with sshKeyFrom")]
    [InlineData("{url: 'git@example.com:a/b', credentials: {tokenFrom: {stored: a}}}", "spec.credentials.tokenFrom: not with an ssh URL", "spec.credentials.sshKeyFrom: required with an ssh URL")]
    [InlineData("{url: 'git@example.com:a/b', proxy: {url: 'http://proxy:3128'}}", "spec.proxy: only https and http URLs are reached through a proxy")]
    [InlineData("{url: 'https://example.com/a', proxy: {url: 'http://u:p@proxy:3128'}}", "spec.proxy.url: must not hold a user name or password; use credentials")]
    [InlineData("{url: 'https://example.com/a', proxy: {url: 'socks5://proxy:1'}}", "spec.proxy.url: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("{url: 'https://example.com/a', proxy: {url: 'http://proxy:3128', noProxy: ['a b']}}", "spec.proxy.noProxy[0]: not the name of a host")]
    [InlineData("{url: 'https://example.com/a', proxy: {url: 'http://proxy:3128', passwordFrom: {stored: a}}}", "spec.proxy.username: required with passwordFrom")]
    [InlineData("{url: 'https://example.com/a', verification: {mode: strict, keys: [{ssh: 'ssh-ed25519 AAAA'}]}}", "spec.verification.mode: expected one of none, head, all")]
    [InlineData("{url: 'https://example.com/a', verification: {}}", "spec.verification.keys: required")]
    [InlineData("{url: 'https://example.com/a', verification: {keys: [{}]}}", "spec.verification.keys[0]: give exactly one of gpg, gpgFrom, ssh and sshFrom")]
    [InlineData("{url: 'https://example.com/a', verification: {keys: [{gpg: x}]}}", "spec.verification.keys[0].gpg: not an armored OpenPGP public key block")]
    [InlineData("{url: 'https://example.com/a', verification: {keys: [{ssh: '-----BEGIN OPENSSH PRIVATE KEY-----'}]}}", "spec.verification.keys[0].ssh: is a private key; give the public one")]
    [InlineData("{url: 'https://example.com/a', verification: {keys: [{ssh: x}]}}", "spec.verification.keys[0].ssh: not a line TYPE BASE64 NAME, as in id_ed25519.pub")]
    [InlineData("{url: 'https://example.com/a', verification: {keys: [{sshFrom: {stored: A}}]}}", "spec.verification.keys[0].sshFrom.stored: " + Shape)]
    [InlineData("{url: 'https://example.com/a', shallow: true, verification: {mode: all, keys: [{sshFrom: {stored: a}}]}}", "spec.shallow: verification of all commits needs the history")]
    [InlineData("{url: 'https://example.com/a', webhook: {}}", "spec.webhook.secretFrom: required")]
    [InlineData("{url: 'https://example.com/a', webhook: {secretFrom: {stored: a, env: b}}}", "spec.webhook.secretFrom: give exactly one of file, env and stored", "spec.webhook.secretFrom.env: must be the name of a variable that begins with GITOPSGRAINS_SECRET_")]
    [InlineData("{url: 'https://example.com/a', submodules: {fetch: true, urlPrefixes: ['ext::sh']}}", "spec.submodules.urlPrefixes[0]: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("{url: 'https://example.com/a', verification: {keys: [{gpgFrom: {env: HOME}}]}}", "spec.verification.keys[0].gpgFrom.env: must be the name of a variable that begins with GITOPSGRAINS_SECRET_")]
    public void Validate_RepositoryWithOneFault_IsTold(string spec, params string[] expected) =>
        Assert.Equal(expected.Select(static fault => "document 0 (Repository fleet), line 4: " + fault), Streams.Faults(Streams.Repository(spec)));

    [Theory]
    [InlineData("{url: 'https://example.com/a', credentials: {username: bot, passwordFrom: {stored: a}}, caFrom: {file: /ca.pem}}")]
    [InlineData("{url: 'https://example.com/a', credentials: {tokenFrom: {env: GITOPSGRAINS_SECRET_A}, clientCertificateFrom: {stored: a}}}")]
    [InlineData("{url: 'https://example.com/a', credentials: {clientCertificateFrom: {stored: a}}, proxy: {url: 'http://proxy:3128/', noProxy: [.corp, '*.lan', 10.0.0.1]}}")]
    [InlineData("{url: 'https://example.com/a%20b', credentials: {githubApp: {appId: '1', installationId: '2', privateKeyFrom: {stored: a}, apiUrl: 'https://ghe/api/v3'}}}")]
    [InlineData("{url: 'ssh://git@example.com:7999/a/b.git', credentials: {sshKeyFrom: {stored: a}, knownHostsFrom: {stored: a}}}")]
    [InlineData("{url: 'git@example.com:~ada/b.git'}")]
    [InlineData("{url: 'ssh://git@[::1]:22/a'}")]
    public void Validate_Repository_IsGood(string spec) => Assert.Empty(Streams.Faults(Streams.Repository(spec)));

    [Theory]
    [InlineData("{urlPrefix: 'oci://example.com/a', credentials: {username: bot, passwordFrom: {stored: a}}, caFrom: {stored: a}, proxy: {url: 'http://proxy:3128'}}")]
    [InlineData("{urlPrefix: 'oci://example.com', credentials: {clientCertificateFrom: {stored: a}}}")]
    public void Validate_RepositoryCredentialsOfARegistry_AreGood(string spec) =>
        Assert.Empty(Streams.Faults($"apiVersion: gitopsgrains.io/v1\nkind: RepositoryCredentials\nmetadata: {{name: team}}\nspec: {spec}\n"));

    [Fact]
    public void Validate_ARepositoryInARegistryOfCharts_IsRefused() =>
        Assert.StartsWith("document 0 (Repository fleet), line 4: spec.url: must begin with https://", Assert.Single(Streams.Faults(Streams.Repository("{url: 'oci://example.com/a'}"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("{urlPrefix: 'https://example.com'}", "spec: give credentials, caFrom or proxy")]
    [InlineData("{urlPrefix: '', caFrom: {stored: a}}", "spec.urlPrefix: required")]
    [InlineData("{urlPrefix: 'file:///srv', credentials: {tokenFrom: {stored: a}}}", "spec.urlPrefix: files need no credentials", "spec.credentials: files need no credentials")]
    [InlineData("{urlPrefix: 'https://example.com/a/..', caFrom: {stored: a}}", "spec.urlPrefix: the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("{urlPrefix: 'oci://example.com/a', credentials: {tokenFrom: {stored: a}}}", "spec.credentials: registries of charts take a username with passwordFrom or tokenFrom, or clientCertificateFrom")]
    [InlineData("{urlPrefix: 'oci://bot:pw@example.com/a', caFrom: {stored: a}}", "spec.urlPrefix: must not hold a user name or password; use credentials")]
    public void Validate_RepositoryCredentialsWithFaults_AreTold(string spec, params string[] expected) =>
        Assert.Equal(
            expected.Select(static fault => "document 0 (RepositoryCredentials team), line 4: " + fault),
            Streams.Faults($"apiVersion: gitopsgrains.io/v1\nkind: RepositoryCredentials\nmetadata: {{name: team}}\nspec: {spec}\n"));

    [Fact]
    public void Validate_ProxyAndApiUrl_NeedTheRole()
    {
        Assert.Equal("spec.proxy: needs the admin role", Tail(Streams.Faults(Streams.Repository("{url: 'https://example.com/a', proxy: {url: 'http://proxy'}}"), AdminPolicy.None)));
        Assert.Equal(
            "spec.credentials.githubApp.apiUrl: needs the admin role",
            Tail(Streams.Faults(Streams.Repository("{url: 'https://example.com/a', credentials: {githubApp: {appId: '1', installationId: '2', privateKeyFrom: {stored: a}, apiUrl: 'https://evil'}}}"), AdminPolicy.None)));
    }

    [Fact]
    public void Validate_CredentialsWithManyFaults_AllAreTold() =>
        Assert.Equal(
            [
                "document 0 (Repository fleet), line 4: spec.credentials: give exactly one of passwordFrom, tokenFrom, githubApp and sshKeyFrom, or clientCertificateFrom",
                "document 0 (Repository fleet), line 4: spec.credentials.username: required with passwordFrom",
                "document 0 (Repository fleet), line 4: spec.credentials.knownHostsFrom: required with sshKeyFrom",
                "document 0 (Repository fleet), line 4: spec.credentials.sshKeyFrom: only with an ssh URL",
                "document 0 (Repository fleet), line 4: spec.credentials.passwordFrom.env: must be the name of a variable that begins with GITOPSGRAINS_SECRET_",
                "document 0 (Repository fleet), line 4: spec.credentials.sshKeyFrom: give exactly one of file, env and stored",
            ],
            Streams.Faults(Streams.Repository("{url: 'https://example.com/a', credentials: {passwordFrom: {env: PATH}, sshKeyFrom: {}}}")));

    [Theory]
    [InlineData("{}", "spec: give exactly one of kubeconfig, kubeconfigFrom and inCluster: true")]
    [InlineData("{inCluster: true, kubeconfig: {file: /a}}", "spec: give exactly one of kubeconfig, kubeconfigFrom and inCluster: true")]
    [InlineData("{kubeconfig: {}}", "spec.kubeconfig.file: required")]
    [InlineData("{kubeconfig: {file: a}}", "spec.kubeconfig.file: must be an absolute path without '.' and '..' parts")]
    [InlineData("{kubeconfig: {file: /a/./b}}", "spec.kubeconfig.file: must be an absolute path without '.' and '..' parts")]
    [InlineData("{kubeconfig: {file: /a, context: ''}}", "spec.kubeconfig.context: required")]
    [InlineData("{kubeconfigFrom: {stored: a, env: GITOPSGRAINS_SECRET_A}}", "spec.kubeconfigFrom: give exactly one of file, env and stored")]
    [InlineData("{inCluster: true, namespaces: [A]}", "spec.namespaces[0]: not a namespace: lower-case letters, digits and '-', at most 63 characters")]
    [InlineData("{inCluster: true, namespaces: [a, a]}", "spec.namespaces[1]: given twice")]
    public void Validate_ClusterWithOneFault_IsTold(string spec, string expected) =>
        Assert.Equal(["document 0 (Cluster eu-1), line 4: " + expected], Streams.Faults(Streams.Cluster(spec)));

    [Theory]
    [InlineData("{name: A}", "line 3: metadata.name: " + Shape)]
    [InlineData("{}", "line 3: metadata.name: required")]
    [InlineData("{name: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg}", "line 3: metadata.name: " + Shape)]
    [InlineData("{name: a, labels: {a b: c}}", "line 3: metadata.labels['a b']: not a key: name or prefix/name, the name at most 63 characters")]
    [InlineData("{name: a, labels: {a: -c}}", "line 3: metadata.labels['a']: " + LabelShape)]
    [InlineData("{name: a, annotations: {/a: c}}", "line 3: metadata.annotations['/a']: not a key: name or prefix/name, the name at most 63 characters")]
    public void Validate_MetadataWithOneFault_IsTold(string metadata, string expected) =>
        Assert.EndsWith(expected, Assert.Single(Streams.Faults($"apiVersion: gitopsgrains.io/v1\nkind: Project\nmetadata: {metadata}\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{clusters: ['']}", "spec.clusters[0]: required")]
    [InlineData("{namespaces: ['!x']}", "spec.namespaces[0]: patterns can't be negated")]
    [InlineData("{roles: [{name: dev}]}", "spec.roles: this field is not supported yet")]
    public void Validate_ProjectWithOneFault_IsTold(string spec, string expected) =>
        Assert.Equal(["document 0 (Project p), line 4: " + expected], Streams.Faults($"apiVersion: gitopsgrains.io/v1\nkind: Project\nmetadata: {{name: p}}\nspec: {spec}\n"));

    [Fact]
    public void Validate_AdminFields_NeedTheRoleAndTheDirectories()
    {
        var file = Streams.Cluster("{kubeconfig: {file: /etc/gitopsgrains/eu.yaml}}");
        var admin = new AdminPolicy { IsAdmin = true, Directories = ["/etc/gitopsgrains/"] };

        Assert.Empty(Streams.Faults(file, admin));
        Assert.Equal("spec.kubeconfig.file: files of the server need the admin role", Tail(Streams.Faults(file, admin with { IsAdmin = false })));
        foreach (var outside in new[] { "/etc/gitopsgrains", "/etc/gitopsgrains-b/eu.yaml", "/etc/passwd" })
            Assert.Equal("spec.kubeconfig.file: must lie below one of the directories in Secrets:Directories", Tail(Streams.Faults(Streams.Cluster($"{{kubeconfig: {{file: {outside}}}}}"), admin)));
        Assert.Empty(Streams.Faults(Streams.Cluster("{kubeconfig: {file: /anywhere}}"), AdminPolicy.Local));
        Assert.Equal("spec.inCluster: needs the admin role", Tail(Streams.Faults(Streams.Cluster("{inCluster: true}"), AdminPolicy.None)));
        Assert.Equal("spec.url: must lie below one of the directories in Secrets:Directories", Tail(Streams.Faults(Streams.Repository("{url: 'file:///srv/git'}"), admin)));
        Assert.Equal(2, Streams.Faults(Streams.Repository("{url: 'file:///srv/git'}"), AdminPolicy.None).Length);
        Assert.Empty(Streams.Faults(Streams.Repository("{url: 'file:///etc/gitopsgrains/git'}"), admin));
    }

    [Fact]
    public void Validate_EnvironmentReference_NeedsTheRole()
    {
        var text = Streams.Repository("{url: 'https://example.com/a', credentials: {tokenFrom: {env: GITOPSGRAINS_SECRET_A}}}");
        Assert.Empty(Streams.Faults(text, AdminPolicy.Local));
        Assert.Equal("spec.credentials.tokenFrom.env: environment variables of the server need the admin role", Tail(Streams.Faults(text, AdminPolicy.None)));
    }

    private static string Tail(string[] faults) => Assert.Single(faults).Split(": ", 2)[1];
}
