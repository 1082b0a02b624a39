using System.Globalization;
using System.Text;

namespace GitOpsGrains.Simulation.Load;

/// <summary>The objects of a load, as a control plane applies them: with a label, annotations, and a value per revision.</summary>
internal static class LoadObjects
{
    public static string Path(string kind, int number) => kind == "deployment"
        ? string.Create(CultureInfo.InvariantCulture, $"apis/apps/v1/namespaces/default/deployments/app-{number}")
        : string.Create(CultureInfo.InvariantCulture, $"api/v1/namespaces/default/configmaps/app-{number}");

    public static byte[] Body(string kind, int number, int revision) => Encoding.UTF8.GetBytes(kind == "deployment" ? Deployment(number, revision) : ConfigMap(number, revision));

    /// <summary>2 KB: 32 keys of 50 bytes and metadata.</summary>
    private static string ConfigMap(int number, int revision)
    {
        var data = string.Join(',', Enumerable.Range(0, 32).Select(key => string.Create(CultureInfo.InvariantCulture, $"\"key-{key:00}\":\"value {key:00} of revision {revision:000000} {new string('x', 24)}\"")));
        return string.Create(CultureInfo.InvariantCulture, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{{{Metadata(number, revision)}}},"data":{ {{{data}}} } }""");
    }

    private static string Deployment(int number, int revision) => string.Create(CultureInfo.InvariantCulture, $$$$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{{{{{Metadata(number, revision)}}}}},"spec":{"replicas":2,"minReadySeconds":3,"revisionHistoryLimit":5,
         "progressDeadlineSeconds":60,"strategy":{"rollingUpdate":{"maxUnavailable":0},"type":"RollingUpdate"},"selector":{"matchLabels":{"app":"app-{{{{{number}}}}}"}},
         "template":{"metadata":{"annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"9797"},"labels":{"app":"app-{{{{{number}}}}}"}},"spec":{"containers":[
          {"name":"podinfod","image":"ghcr.io/stefanprodan/podinfo:6.5.0","imagePullPolicy":"IfNotPresent",
           "ports":[{"name":"http","containerPort":9898,"protocol":"TCP"},{"name":"http-metrics","containerPort":9797,"protocol":"TCP"},{"name":"grpc","containerPort":9999,"protocol":"TCP"}],
           "command":["./podinfo","--port=9898","--port-metrics=9797","--grpc-port=9999","--level=info"],"env":[{"name":"PODINFO_UI_COLOR","value":"#{{{{{revision:000000}}}}}"}],
           "livenessProbe":{"exec":{"command":["podcli","check","http","localhost:9898/healthz"]},"initialDelaySeconds":5,"timeoutSeconds":5},
           "readinessProbe":{"exec":{"command":["podcli","check","http","localhost:9898/readyz"]},"initialDelaySeconds":5,"timeoutSeconds":5},
           "resources":{"limits":{"cpu":"2000m","memory":"512Mi"},"requests":{"cpu":"100m","memory":"64Mi"}}}]}}}}
        """);

    private static string Metadata(int number, int revision) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"name":"app-{{{number}}}","namespace":"default","labels":{"app":"app-{{{number}}}","gitopsgrains.io/managed":"true"},
         "annotations":{"gitopsgrains.io/target":"default/default/app-{{{number}}}:/x:default/app-{{{number}}}","gitopsgrains.io/digest":"{{{revision:x32}}}"}}
        """);
}
