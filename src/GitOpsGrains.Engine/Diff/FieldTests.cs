using System.Text;
using GitOpsGrains.Documents.Fields;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Whether a value passes the test of a select or filter.</summary>
internal static class FieldTests
{
    public static bool Passes(FieldTest test, TreeNode node) => test switch
    {
        FieldTest.Truth truth => FieldSpot.Values(truth.Steps, node).Any(IsTrue),
        FieldTest.Equal equal => IsEqual(equal, node),
        FieldTest.Text text => FieldSpot.Values(text.Steps, node).Any(value => Has(value, text.Relation, text.Value)),
        FieldTest.Match match => FieldSpot.Values(match.Steps, node).Any(value => value.AsText() is { } found && match.Expression.IsMatch(found)),
        FieldTest.Not not => !Passes(not.Test, node),
        FieldTest.All all => Passes(all.Left, node) && Passes(all.Right, node),
        FieldTest.Any any => Passes(any.Left, node) || Passes(any.Right, node),
        _ => false,
    };

    private static bool IsTrue(TreeNode value) => value is not TreeScalar { Kind: ScalarKind.Null or ScalarKind.False };

    private static bool IsEqual(FieldTest.Equal equal, TreeNode node)
    {
        var any = false;
        foreach (var value in FieldSpot.Values(equal.Steps, node))
        {
            any = true;
            if (Encoding.UTF8.GetString(CanonicalJson.Write(value)) == equal.Json) return true;
        }
        return !any && equal.Json == "null";
    }

    private static bool Has(TreeNode value, TextRelation relation, string wanted) => (relation, value) switch
    {
        (TextRelation.HasKey, TreeMap map) => map[wanted] is not null,
        (TextRelation.Contains, TreeList list) => list.Items.Any(item => item.AsText() == wanted),
        (TextRelation.Contains, _) => value.AsText()?.Contains(wanted, StringComparison.Ordinal) == true,
        (TextRelation.StartsWith, _) => value.AsText()?.StartsWith(wanted, StringComparison.Ordinal) == true,
        (TextRelation.EndsWith, _) => value.AsText()?.EndsWith(wanted, StringComparison.Ordinal) == true,
        _ => false,
    };
}
