using System.Text.RegularExpressions;
using GitOpsGrains.Gateway.Fleet;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>Refusals as gRPC statuses with the details of google.rpc.</summary>
internal static partial class GrpcErrors
{
    public const string Domain = "gitopsgrains.io";

    public static StatusCode CodeOf(RefusalCode code) => code switch
    {
        RefusalCode.NotFound => StatusCode.NotFound,
        RefusalCode.Conflict => StatusCode.FailedPrecondition,
        RefusalCode.TooLarge or RefusalCode.TooMany => StatusCode.ResourceExhausted,
        RefusalCode.Gone => StatusCode.OutOfRange,
        RefusalCode.Unavailable => StatusCode.Unavailable,
        _ => StatusCode.InvalidArgument,
    };

    public static RpcException Of(Refusal refusal)
    {
        var status = new Google.Rpc.Status { Code = (int)CodeOf(refusal.Code), Message = refusal.Detail };
        status.Details.Add(Any.Pack(new ErrorInfo { Domain = Domain, Reason = Reason(refusal.Code) }));
        if (Violations(refusal) is { FieldViolations.Count: > 0 } violations) status.Details.Add(Any.Pack(violations));
        if (refusal.RetryAfter is { } pause) status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = pause.ToDuration() }));
        return status.ToRpcException();
    }

    /// <summary>NOT_FOUND of NotFound.</summary>
    private static string Reason(RefusalCode code) => Capital().Replace(code.ToString(), "_$1").ToUpperInvariant();

    private static BadRequest Violations(Refusal refusal)
    {
        var bad = new BadRequest();
        if (refusal.Code != RefusalCode.Invalid) return bad;
        if (refusal.Faults is { } faults)
            bad.FieldViolations.AddRange(faults.Select(fault => new BadRequest.Types.FieldViolation { Field = fault.Path, Description = fault.ToString() }));
        else if (Field().Match(refusal.Detail) is { Success: true } field)
            bad.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = field.Groups[1].Value, Description = refusal.Detail[field.Length..] });
        return bad;
    }

    /// <summary>Refusals of one field begin with its name: <c>objects[0]: 'x' is not …</c></summary>
    [GeneratedRegex(@"^([a-zA-Z][\w.]*(?:\[\d+\])?): ", RegexOptions.CultureInvariant)]
    private static partial Regex Field();

    [GeneratedRegex("(?<!^)([A-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Capital();
}
