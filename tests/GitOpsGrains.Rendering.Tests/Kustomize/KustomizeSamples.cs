using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Rendering.Tests.Kustomize;

/// <summary>A small application with everything that kustomizations commonly use.</summary>
internal static class KustomizeSamples
{
    public static async Task WriteAsync(GitWorkspace work)
    {
        foreach (var (path, text) in Files) await work.WriteAsync(path, text);
    }

    private static readonly (string Path, string Text)[] Files =
    [
        ("app/base/kustomization.yaml", """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources: [deployment.yaml, service.yaml, ../crd]
            configMapGenerator:
            - name: settings
              files: [app.properties, renamed.txt=notes.txt]
              envs: [settings.env]
            secretGenerator:
            - name: token
              literals: [key=value]
            """),
        ("app/base/deployment.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    image: example.com/web:1
                    envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: token}}]
            """),
        ("app/base/service.yaml", """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            """),
        ("app/base/app.properties", "a=1\nb=2\n"),
        ("app/base/notes.txt", "some words\n"),
        ("app/base/settings.env", "LEVEL=info\n"),
        ("app/crd/Kustomization", "resources: [widgets.yaml]\n"),
        ("app/crd/widgets.yaml", """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {kind: Widget, plural: widgets}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
            """),
        ("app/components/monitoring/kustomization.yml", """
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            resources: [monitor.yaml]
            patches:
            - path: annotate.yaml
              target: {kind: Deployment}
            """),
        ("app/components/monitoring/monitor.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: monitor}\ndata: {on: \"yes\"}\n"),
        ("app/components/monitoring/annotate.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any, annotations: {monitored: \"true\"}}\n"),
        ("app/overlays/production/kustomization.yaml", """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: production
            namePrefix: p-
            resources: [../../base]
            components: [../../components/monitoring]
            images: [{name: example.com/web, newTag: "2"}]
            replicas: [{name: web, count: 3}]
            labels: [{pairs: {tier: front}, includeSelectors: true}]
            patches:
            - patch: |-
                - op: add
                  path: /spec/template/spec/containers/0/args
                  value: [--quiet]
              target: {kind: Deployment, name: web}
            - path: limits.yaml
            patchesStrategicMerge:
            - |-
              apiVersion: v1
              kind: Service
              metadata: {name: web}
              spec: {type: NodePort}
            replacements:
            - path: replacement.yaml
            transformers:
            - annotations.yaml
            """),
        ("app/overlays/production/limits.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {template: {spec: {containers: [{name: web, resources: {limits: {memory: 64Mi}}}]}}}
            """),
        ("app/overlays/production/replacement.yaml", """
            source: {kind: Service, name: web, fieldPath: "spec.ports.0.port"}
            targets:
            - select: {kind: Deployment}
              fieldPaths: [metadata.annotations.port]
              options: {create: true}
            """),
        ("app/overlays/production/annotations.yaml", """
            apiVersion: builtin
            kind: AnnotationsTransformer
            metadata: {name: notUsed}
            annotations: {by: transformer}
            fieldSpecs: [{path: metadata/annotations, create: true}]
            """),
    ];
}
