using System.Globalization;
using System.Text;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// The objects of flux-benchmark's podinfo, with replicas 0 so that nothing but the control plane works. A Deployment is
/// about 3.4 KB of JSON once it is live.
/// </summary>
internal static class Podinfo
{
    /// <param name="color">A value that differs between revisions.</param>
    public static string Deployment(string name, string color) => $"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {name}
          labels:
            app: {name}
        spec:
          replicas: 0
          minReadySeconds: 3
          revisionHistoryLimit: 5
          progressDeadlineSeconds: 60
          strategy:
            rollingUpdate:
              maxUnavailable: 0
            type: RollingUpdate
          selector:
            matchLabels:
              app: {name}
          template:
            metadata:
              annotations:
                prometheus.io/scrape: "true"
                prometheus.io/port: "9797"
              labels:
                app: {name}
            spec:
              containers:
              - name: podinfod
                image: ghcr.io/stefanprodan/podinfo:6.5.0
                imagePullPolicy: IfNotPresent
                ports:
                - name: http
                  containerPort: 9898
                  protocol: TCP
                - name: http-metrics
                  containerPort: 9797
                  protocol: TCP
                - name: grpc
                  containerPort: 9999
                  protocol: TCP
                command:
                - ./podinfo
                - --port=9898
                - --port-metrics=9797
                - --grpc-port=9999
                - --grpc-service-name=podinfo
                - --level=info
                - --random-delay=false
                - --random-error=false
                env:
                - name: PODINFO_UI_COLOR
                  value: "{color}"
                livenessProbe:
                  exec:
                    command: [podcli, check, http, "localhost:9898/healthz"]
                  initialDelaySeconds: 5
                  timeoutSeconds: 5
                readinessProbe:
                  exec:
                    command: [podcli, check, http, "localhost:9898/readyz"]
                  initialDelaySeconds: 5
                  timeoutSeconds: 5
                resources:
                  limits:
                    cpu: 2000m
                    memory: 512Mi
                  requests:
                    cpu: 100m
                    memory: 64Mi

        """;

    public static string Service(string name) => $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
        spec:
          type: ClusterIP
          selector:
            app: {name}
          ports:
          - name: http
            port: 9898
            protocol: TCP
            targetPort: http
          - name: grpc
            port: 9999
            protocol: TCP
            targetPort: grpc

        """;

    public static string ServiceAccount(string name) => $"""
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: {name}

        """;

    /// <summary>1 KB of data.</summary>
    public static string ConfigMap(string name, string color)
    {
        var text = new StringBuilder($"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  color: \"{color}\"\n");
        for (var key = 0; key < 16; key++) text.Append(CultureInfo.InvariantCulture, $"  key-{key:00}: \"{new string((char)('a' + key), 50)}\"\n");
        return text.ToString();
    }

    public static string Name(int index) => $"podinfo-{index:0000}";

    /// <summary>One file with the Deployments 0 to count - 1.</summary>
    public static string Deployments(int count, string color) =>
        string.Join("---\n", Enumerable.Range(0, count).Select(index => Deployment(Name(index), color)));
}
