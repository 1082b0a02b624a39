namespace GitOpsGrains.Documents.Fields;

/// <param name="position">Zero-based.</param>
internal sealed class FieldPathException(int position, string message) : Exception(message)
{
    public int Position { get; } = position;
}
