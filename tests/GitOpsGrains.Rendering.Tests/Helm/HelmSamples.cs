using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>An umbrella chart with a subchart in charts/, one beside it, CRDs, hooks, tests and questions to the cluster.</summary>
internal static class HelmSamples
{
    public static async Task WriteAsync(GitWorkspace work)
    {
        foreach (var (path, text) in Files) await work.WriteAsync(path, text);
    }

    private static readonly (string Path, string Text)[] Files =
    [
        ("web/Chart.yaml", """
            apiVersion: v2
            name: umbrella
            version: 1.2.3
            dependencies:
            - {name: cache, version: ~0.1.0, repository: ""}
            - {name: shared, version: 0.2.0, repository: "file://../shared"}
            - {name: extra, version: 0.1.0, repository: "file://../extra", condition: extra.enabled}
            """),
        ("web/values.yaml", """
            image: {repository: example.com/web, tag: "1"}
            replicas: 1
            names: []
            text: none
            order: chart
            extra: {enabled: false}
            cache: {size: 1}
            """),
        ("web/.helmignore", "*.md\n"),
        ("web/README.md", "words\n"),
        ("web/templates/_helpers.tpl", """{{- define "umbrella.name" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end -}}"""),
        ("web/templates/deployment.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{ include "umbrella.name" . }}
              namespace: {{ .Release.Namespace }}
            spec:
              replicas: {{ .Values.replicas }}
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
            """),
        ("web/templates/config.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: config
              annotations: {order: {{ .Values.order | quote }}, text: {{ .Values.text | quote }}, kube: {{ .Capabilities.KubeVersion.Version }}}
            data:
              tag: {{ .Values.image.tag | toJson | quote }}
              service: {{ (lookup "v1" "Service" "default" "web") | toJson | quote }}
              names: {{ .Values.names | toJson | quote }}
              file: {{ .Files.Get "files/motd.txt" | quote }}
            {{- if .Capabilities.APIVersions.Has "example.com/v1/Widget" }}
            ---
            apiVersion: example.com/v1
            kind: Widget
            metadata: {name: widget}
            {{- end }}
            """),
        ("web/files/motd.txt", "hello\n"),
        ("web/templates/migrate.yaml", """
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: migrate
              annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-weight: "-1"}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}
            """),
        ("web/templates/tests/check.yaml", """
            apiVersion: v1
            kind: Pod
            metadata: {name: check, annotations: {helm.sh/hook: test}}
            spec: {containers: [{name: a, image: b}]}
            """),
        ("web/crds/widgets.yaml", """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.example.com}
            spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: []}
            """),
        ("web/charts/cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 0.1.0\n"),
        ("web/charts/cache/templates/cache.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache}\ndata: {size: {{ .Values.size | quote }}}\n"),
        ("shared/Chart.yaml", "apiVersion: v2\nname: shared\nversion: 0.2.0\n"),
        ("shared/templates/shared.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n"),
        ("extra/Chart.yaml", "apiVersion: v2\nname: extra\nversion: 0.1.0\n"),
        ("extra/templates/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"),
        ("env/one.yaml", "order: one\nimage: {tag: \"2\"}\n"),
        ("env/two.yaml", "order: two\nextra: {enabled: true}\n"),
        ("env/text.txt", "a, b\n{c}\n"),
    ];
}
