using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Validation;

/// <summary>
/// Whether one document can be obeyed: names, closed sets, bounds, fields that exclude each other, admin fields, and
/// fields that this version can't honour yet. What other documents say (that a repository exists) is not asked here.
/// </summary>
public static class DocumentValidation
{
    private const int MaxFaults = 200;

    /// <summary>All faults, members that this version does not know among them; empty when the document is good.</summary>
    public static IReadOnlyList<DocumentFault> Validate(Document document, AdminPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(document);
        var faults = NewList(document);
        if (document.ApiVersion != Document.V1) faults.Add("apiVersion", $"expected {Document.V1}");
        new ShapeCheck(faults, new NodeLines()).Check(DocumentJson.ToNode(document), document.GetType(), NodePath.Root);
        Check(document, new Rules(faults, policy));
        return faults.Faults;
    }

    /// <summary>As <see cref="Validate"/>, for a document whose shape was checked when it was read.</summary>
    internal static IReadOnlyList<DocumentFault> Meaning(Document document, AdminPolicy policy)
    {
        var faults = NewList(document);
        Check(document, new Rules(faults, policy));
        return faults.Faults;
    }

    private static FaultList NewList(Document document)
    {
        var faults = new FaultList(MaxFaults);
        faults.Describe(document.Kind, NodePath.Shown(document.Metadata.Name));
        return faults;
    }

    private static void Check(Document document, Rules rules)
    {
        MetadataRules.Check(rules, document.Metadata);
        switch (document)
        {
            case RepositoryDocument repository:
                RepositoryRules.Check(rules, repository.Spec);
                break;
            case RepositoryCredentialsDocument credentials:
                RepositoryRules.Check(rules, credentials.Spec);
                break;
            case ClusterDocument cluster:
                ClusterRules.Check(rules, cluster.Spec);
                break;
            case ProjectDocument project:
                ProjectRules.Check(rules, project.Spec);
                break;
            case ApplicationDocument application:
                ApplicationRules.Check(rules, application.Spec);
                break;
        }
    }
}
