using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace GitOpsGrains.Gateway.Rest;

/// <summary><c>GET /openapi/v1.json</c>: made once. Anybody may ask, and making it costs as much as many answers.</summary>
internal sealed class ApiDescription([FromKeyedServices(ApiDescription.Name)] IOpenApiDocumentProvider documents)
{
    public const string Name = "v1";

    private readonly Lazy<Task<byte[]>> _text = new(() => MakeAsync(documents));

    public static void Add(IServiceCollection services)
    {
        services.AddOpenApi(Name, options => options.AddDocumentTransformer((document, _, _) =>
        {
            // The address is the one that it was asked for at, which may be another for everybody.
            document.Servers?.Clear();
            return Task.CompletedTask;
        }));
        services.AddSingleton<ApiDescription>();
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet($"/openapi/{Name}.json", AnswerAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync(ApiDescription description) => Results.Bytes(await description._text.Value, "application/json;charset=utf-8");

    private static async Task<byte[]> MakeAsync(IOpenApiDocumentProvider documents) =>
        Encoding.UTF8.GetBytes(await (await documents.GetOpenApiDocumentAsync()).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
}
