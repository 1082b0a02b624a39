namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>What others add to the metadata of anything, and may.</summary>
internal static class ForeignMetadata
{
    public const string LabelAndAnnotation = """{"metadata":{"labels":{"theirs":"1"},"annotations":{"theirs/note":"n"}}}""";

    // An owner of another kind than the collector knows: nothing is deleted because of it.
    public const string FinalizerAndOwner = """
        {"metadata":{"finalizers":["example.com/other"],
         "ownerReferences":[{"apiVersion":"example.com/v1","kind":"Owner","name":"o","uid":"7b2cf1a6-3f0a-4c51-8d3e-0b3f6f0f0a11"}]}}
        """;

    public const string RemoveFinalizer = """{"metadata":{"finalizers":null}}""";
}
