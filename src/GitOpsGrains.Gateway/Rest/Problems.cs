using GitOpsGrains.Abstractions;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Rest;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>Errors as RFC 9457 problem details.</summary>
public static class Problems
{
    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "Not found", detail);

    public static IResult Invalid(string detail) => Of(StatusCodes.Status400BadRequest, "Bad request", detail);

    public static IResult Gone(string detail) => Of(StatusCodes.Status410Gone, "Gone", detail);

    /// <summary>All faults of a stream of documents; nothing of it was stored.</summary>
    public static IResult Faults(IReadOnlyList<DocumentFault> faults) => Of(StatusCodes.Status400BadRequest, "Documents are not valid",
        $"{faults.Count} fault{(faults.Count == 1 ? "" : "s")}; nothing was stored", faults);

    public static IResult Of(GrainRefusedException refusal) => refusal.Kind switch
    {
        RefusalKind.NotFound => NotFound(refusal.Message),
        RefusalKind.Conflict => Of(StatusCodes.Status409Conflict, "Conflict", refusal.Message),
        _ => Invalid(refusal.Message),
    };

    public static IResult Of(int status, string title, string detail, IReadOnlyList<DocumentFault>? faults = null) => Results.Json(
        new ProblemView { Status = status, Title = title, Detail = detail, Faults = faults }, DocumentJson.Rest, ProblemView.MediaType, status);

    /// <summary>Turns a grain's refusal into its problem for every endpoint of a group.</summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (GrainRefusedException refusal)
        {
            return Of(refusal);
        }
    }
}
