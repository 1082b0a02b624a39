using System.Text.Json;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>What a scheduler, a kubelet and a cloud would do for one namespace: pods run or come to their end.</summary>
internal sealed class NodeStandIn(ApiClient kube, string space)
{
    private const string Node = "node-1";
    private const string Ready = """{"type":"Ready","status":"True"}""";

    /// <summary>A node, a volume for the first claim.</summary>
    public async Task RegisterAsync()
    {
        await kube.PostAsync("/api/v1/nodes", $$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{Node}}}"} }""");
        await kube.PatchAsync($"/api/v1/nodes/{Node}/status",
            $$$"""{"status":{"conditions":[{{{Ready}}}],"allocatable":{"cpu":"8","memory":"8Gi","pods":"100"},"capacity":{"cpu":"8","memory":"8Gi","pods":"100"} } }""");
        await kube.PostAsync("/api/v1/persistentvolumes", $$$"""
            {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"{{{space}}}"},
             "spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp/none"} } }
            """);
    }

    /// <summary>Binds and starts all pods that wait, and gives the load balancers an address.</summary>
    public async Task RunPodsAsync()
    {
        foreach (var pod in await ItemsAsync("pods"))
        {
            if (pod.GetProperty("status").GetProperty("phase").GetString() != "Pending") continue;
            var path = $"/api/v1/namespaces/{space}/pods/{pod.Metadata("name")}";
            if (!pod.GetProperty("spec").TryGetProperty("nodeName", out _))
                await kube.PostAsync($"{path}/binding", $$$"""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"{{{pod.Metadata("name")}}}"},"target":{"kind":"Node","name":"{{{Node}}}"} }""");
            await kube.PatchAsync($"{path}/status", pod.Mark("labels", "app") == "job" ? """{"status":{"phase":"Succeeded"}}""" : Running);
        }
        foreach (var service in await ItemsAsync("services"))
            if (!service.GetProperty("status").GetProperty("loadBalancer").TryGetProperty("ingress", out _))
                await kube.PatchAsync($"/api/v1/namespaces/{space}/services/{service.Metadata("name")}/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""");
    }

    private const string Running = $$"""
        {"status":{"phase":"Running","podIP":"192.0.2.9","conditions":[{{Ready}},{"type":"ContainersReady","status":"True"}],
         "containerStatuses":[{"name":"main","ready":true,"restartCount":0,"image":"main","imageID":"1","state":{"running":{"startedAt":"2024-01-01T00:00:00Z"} } }]} }
        """;

    private async Task<JsonElement[]> ItemsAsync(string resource) =>
        [.. (await kube.GetJsonAsync($"/api/v1/namespaces/{space}/{resource}")).GetProperty("items").EnumerateArray()];
}
