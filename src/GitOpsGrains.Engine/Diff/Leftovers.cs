using System.Buffers;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// What tools before us made of an object and Git does not have: it outlives an apply of ours for as long as their entries
/// stand. If there is nothing of it, an object is adopted by the apply alone.
/// </summary>
public static class Leftovers
{
    /// <summary>A copy of the manifest that kubectl keeps for itself: no field of the object's, and dropped with the entry.</summary>
    private static readonly FieldSet Copies = FieldSet.Parse(JsonElement.Parse(
        """{"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/last-applied-configuration":{}}}}"""));

    /// <summary>
    /// The fields that entries to be taken over own and ours does not. Values that the server filled in are among them where
    /// such an entry is of an update. Null when it can't be told: an entry is of another version than the object was read in.
    /// </summary>
    /// <param name="applied">The object with our apply entry: what a forced dry run answered.</param>
    public static FieldSet? Of(LiveObject applied)
    {
        var own = ManagedFields.OwnFields(applied);
        var rest = FieldSet.Empty;
        foreach (var entry in ManagedFields.Of(applied).Where(TakeOver.Takes))
        {
            if (entry.ApiVersion != applied.ApiVersion) return null;
            rest = rest.Union(entry.Fields().FieldsBeyond(own));
        }
        return rest.Except(Copies);
    }

    /// <summary>Whether the object has in all of these fields what the server gives to a new object of the same manifest.</summary>
    /// <param name="made">What the dry run of a create answered, under a name of its own.</param>
    public static bool AreDefaults(FieldSet fields, LiveObject applied, LiveObject made) => AreEqual(fields, applied.Root, made.Root, made.Id.Name, applied.Id.Name);

    private static bool AreEqual(FieldSet fields, JsonElement value, JsonElement made, string madeName, string name)
    {
        var isLeaf = true;
        foreach (var (element, below) in fields.Children)
        {
            isLeaf = false;
            if (!FieldElement.TryFollow(value, element, out var child) || !FieldElement.TryFollow(made, element, out var madeChild)
                || !AreEqual(below, child, madeChild, madeName, name)) return false;
        }
        // Servers derive values from names: the label kubernetes.io/metadata.name of a namespace.
        return !isLeaf || Text(value) == Text(made).Replace(madeName, name, StringComparison.Ordinal);
    }

    /// <summary>Null and absent are the same to a server.</summary>
    private static string Text(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>(256);
        CanonicalJson.Write(value, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
