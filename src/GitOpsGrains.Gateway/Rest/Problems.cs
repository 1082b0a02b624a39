using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>Errors as RFC 9457 problem details.</summary>
internal static class Problems
{
    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "Not found", detail);

    public static IResult Invalid(string detail) => Of(StatusCodes.Status400BadRequest, "Bad request", detail);

    public static IResult Of(Refusal refusal) => Of(refusal.Code switch
    {
        RefusalCode.NotFound => StatusCodes.Status404NotFound,
        RefusalCode.Conflict => StatusCodes.Status409Conflict,
        RefusalCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RefusalCode.Gone => StatusCodes.Status410Gone,
        RefusalCode.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    }, refusal.Title, refusal.Detail, refusal.Faults);

    public static IResult Of(int status, string title, string detail, IReadOnlyList<DocumentFault>? faults = null) => Results.Json(
        new ProblemView { Status = status, Title = title, Detail = detail, Faults = faults }, DocumentJson.Rest, ProblemView.MediaType, status);
}
