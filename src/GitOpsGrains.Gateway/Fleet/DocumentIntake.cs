using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>Documents as text on their way in: checked whole before anything of them is stored.</summary>
internal sealed class DocumentIntake(FleetFacade fleet, AdminPolicy policy)
{
    public static int MaxBytes => DocumentLimits.Default.MaxBytes;

    public static RequestTooLargeException TooLarge() => new($"a stream has at most {MaxBytes} bytes");

    public Task<ApplyResponse> ApplyAsync(ReadOnlyMemory<byte> stream, bool dryRun) => fleet.ApplyAsync(Read(stream), dryRun);

    /// <summary>One document, which must be the one that the request names.</summary>
    public async Task<ApplyResult> PutAsync(CatalogKind kind, string name, ReadOnlyMemory<byte> body)
    {
        if (Read(body) is not [var document]) throw Invalid("the body must be exactly one document");
        if (document.Kind != kind.ToString() || FleetFacade.KeyOf(document) != name)
            throw Invalid($"the body is {document.Kind} {FleetFacade.KeyOf(document)}, the address is {kind} {name}");
        return (await fleet.ApplyAsync([document], dryRun: false)).Results[0];
    }

    private IReadOnlyList<Document> Read(ReadOnlyMemory<byte> stream)
    {
        if (stream.Length > MaxBytes) throw TooLarge();
        var parsed = DocumentStream.ParseAndValidate(stream, DocumentLimits.Default, policy);
        return parsed.IsValid ? parsed.Documents : throw new DocumentsRefusedException(parsed.Faults);
    }

    private static GrainRefusedException Invalid(string message) => new(RefusalKind.Invalid, message);
}
