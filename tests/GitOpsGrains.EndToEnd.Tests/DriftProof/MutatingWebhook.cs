using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GitOpsGrains.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>A mutating admission webhook for one namespace; it leaves the product's own requests alone unless it mutates everybody's.</summary>
internal sealed class MutatingWebhook : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CaseObject _item;

    private MutatingWebhook(WebApplication application, CaseObject item) => (_application, _item) = (application, item);

    /// <summary>Returns when the server asks it.</summary>
    /// <param name="patch">An RFC 6902 patch for each object that is written.</param>
    public static async Task<MutatingWebhook> StartAsync(CaseObject item, string patch, bool everybody)
    {
        var certificates = item.Server.Certificates;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        using var pem = X509Certificate2.CreateFromPemFile(certificates.ServerCertificateFile, certificates.ServerKeyFile);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var isAsked = false;
        application.Run(async context =>
        {
            var review = (await JsonNode.ParseAsync(context.Request.Body))!;
            var request = review["request"]!;
            Volatile.Write(ref isAsked, true);
            var isProbe = request["name"]?.GetValue<string>() == "probe";
            var mutates = !isProbe && (everybody || request["userInfo"]!["username"]!.GetValue<string>() != DriftProofFixture.Product);
            var response = new JsonObject { ["uid"] = request["uid"]!.DeepClone(), ["allowed"] = true };
            if (mutates)
            {
                response["patchType"] = "JSONPatch";
                response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch));
            }
            await context.Response.WriteAsJsonAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response });
        });
        await application.StartAsync();
        var webhook = new MutatingWebhook(application, item);
        await webhook.RegisterAsync(application.Urls.Single());
        await Eventually.TrueAsync(async () =>
        {
            await item.Rogue.PostAsync($"/api/v1/namespaces/{item.Space}/configmaps?dryRun=All", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"probe"}}""");
            return Volatile.Read(ref isAsked);
        }, "a webhook that is asked");
        return webhook;
    }

    public async ValueTask DisposeAsync()
    {
        await _item.Rogue.DeleteAsync($"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{_item.Space}");
        await _application.DisposeAsync();
    }

    private async Task RegisterAsync(string url)
    {
        await _item.Rogue.PatchAsync($"/api/v1/namespaces/{_item.Space}", $$"""{"metadata":{"labels":{"webhook":"{{_item.Space}}"} } }""");
        var bundle = Convert.ToBase64String(await File.ReadAllBytesAsync(_item.Server.CaFile));
        await _item.Rogue.PostAsync("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", $$"""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration","metadata":{"name":"{{_item.Space}}"},"webhooks":[
             {"name":"meddler.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Ignore","timeoutSeconds":5,
              "namespaceSelector":{"matchLabels":{"webhook":"{{_item.Space}}"} },
              "clientConfig":{"url":"{{url}}/","caBundle":"{{bundle}}"},
              "rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["CREATE","UPDATE"],"resources":["configmaps","deployments"]}]}]}
            """);
    }
}
