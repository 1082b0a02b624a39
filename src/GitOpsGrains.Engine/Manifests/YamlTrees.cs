using System.Text;
using System.Text.Unicode;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>Reads YAML that is not a manifest (a kustomization, a chart's description) within the same limits.</summary>
public static class YamlTrees
{
    /// <returns>The roots of all documents that are not empty, or why they can't be read.</returns>
    public static (IReadOnlyList<TreeNode> Roots, string? Fault) Read(ReadOnlyMemory<byte> content, RenderLimits limits)
    {
        if (content.Length > limits.MaxFileBytes) return ([], $"the file is larger than {limits.MaxFileBytes} bytes");
        if (!Utf8.IsValid(content.Span)) return ([], "the file is not UTF-8");
        string? fault = null;
        var roots = new List<TreeNode>();
        try
        {
            var reader = new YamlDocumentReader(Encoding.UTF8.GetString(content.Span).TrimStart('\uFEFF'), 0, limits, reason => fault ??= reason);
            while (reader.TryRead(out var root))
                if (root is not null) roots.Add(root);
        }
        catch (UnreadableDocumentException exception)
        {
            return ([], exception.Message);
        }
        return fault is null ? (roots, null) : ([], fault);
    }
}
