using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Discovery;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Answers one request to one cluster.</summary>
internal sealed class ClusterHandler(Authenticator authenticator, ResourceHandler resources)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    public async Task HandleAsync(HttpContext context, SimulatedCluster cluster, string path)
    {
        try
        {
            if (!await cluster.Gate.PassAsync(context)) return;
            var user = authenticator.Identify(context, cluster);
            if (await AnswerOpenAsync(context, cluster, path)) return;
            if (user.Name == "system:anonymous" && !path.StartsWith("/api", StringComparison.Ordinal)) throw Forbidden(user, path);
            if (await AnswerAboutServerAsync(context, cluster, user, path)) return;
            await AnswerResourceAsync(context, cluster, user, path);
        }
        catch (ApiException refusal)
        {
            await AnswerWriter.WriteRefusalAsync(context, refusal);
        }
        catch (TypedValueException exception)
        {
            await AnswerWriter.WriteRefusalAsync(context, ApiException.Internal($"failed to create typed live object: {exception.Message}"));
        }
        catch (InvalidOperationException) when (!context.Response.HasStarted)
        {
            // A field of the built-in API that is read here had another type than its own.
            await AnswerWriter.WriteRefusalAsync(context, ApiException.BadRequest("a field of the object is of another type than its own"));
        }
    }

    private async Task AnswerResourceAsync(HttpContext context, SimulatedCluster cluster, SimulatedUser user, string path)
    {
        if (ApiPath.Parse(path, cluster.Store.Kinds) is not { } address)
        {
            if (!user.IsAdministrator) throw Forbidden(user, path);
            if (ApiPath.IsOfContainers(path)) throw new ApiException(405, "MethodNotAllowed", "the clusters are simulated: their pods have no containers, so there is nothing to log, to execute or to connect to");
            await AnswerWriter.WriteTextAsync(context, "404 page not found\n", 404);
            return;
        }

        await resources.HandleAsync(context, cluster, user, address);
    }

    /// <summary>What everybody may ask.</summary>
    private static async Task<bool> AnswerOpenAsync(HttpContext context, SimulatedCluster cluster, string path)
    {
        switch (path)
        {
            case "/livez" or "/readyz" or "/healthz":
                await AnswerWriter.WriteTextAsync(context, "ok");
                return true;
            case "/version" or "/version/":
                var parts = cluster.Options.Version.TrimStart('v').Split('.');
                await AnswerWriter.WriteNodeAsync(context, new JsonObject
                {
                    ["major"] = parts[0], ["minor"] = parts.ElementAtOrDefault(1) ?? "0", ["gitVersion"] = cluster.Options.Version, ["platform"] = "simulation",
                });
                return true;
            default:
                return false;
        }
    }

    private static async Task<bool> AnswerAboutServerAsync(HttpContext context, SimulatedCluster cluster, SimulatedUser user, string path)
    {
        if (path == "/metrics")
        {
            await AnswerWriter.WriteTextAsync(context, cluster.Requests.ToMetrics());
            return true;
        }

        if (path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && HttpMethods.IsPost(context.Request.Method))
        {
            var body = await RequestBody.ReadAsync(context);
            // What it asks for makes no difference here.
            var review = ProtobufBody.Is(body.Span) ? new JsonObject { ["kind"] = "SelfSubjectAccessReview", ["apiVersion"] = "authorization.k8s.io/v1", ["spec"] = new JsonObject() } : ObjectReading.ParseObject(body);
            review["status"] = new JsonObject { ["allowed"] = user.IsAdministrator };
            await AnswerWriter.WriteNodeAsync(context, review, 201);
            return true;
        }

        if (!HttpMethods.IsGet(context.Request.Method)) return false;
        var isAggregated = context.Request.Headers.Accept.ToString().Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal);
        if (DiscoveryDocuments.Find(path, cluster.Store.Kinds, isAggregated) is not { } document) return false;
        // Clients tell the two kinds of discovery apart by the type of the answer.
        await AnswerWriter.WriteNodeAsync(context, document, type: isAggregated && path is ("/api" or "/apis") ? Aggregated : "application/json");
        return true;
    }

    private static ApiException Forbidden(SimulatedUser user, string path) =>
        ApiException.Forbidden($"forbidden: User \"{user.Name}\" cannot get path \"{path}\"");
}
