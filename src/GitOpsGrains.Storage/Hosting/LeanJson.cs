using System.Collections;
using System.Text.Json.Serialization.Metadata;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// Leaves out of a state what a new object of its type says anyway: null where that is null, "" where it is empty, an empty list or map
/// where that has none, and what is computed and never read back. A half of a small state is such. Whatever differs from a new
/// object is written, null too: reading gives back exactly what was written.
/// </summary>
internal static class LeanJson
{
    public static void Apply(JsonTypeInfo type)
    {
        // What is made by a constructor with parameters has no defaults to compare with.
        if (type is not { Kind: JsonTypeInfoKind.Object, CreateObject: { } create }) return;
        object? fresh = null;
        foreach (var property in type.Properties)
        {
            if (property is not { Get: { } get, IsRequired: false, IsExtensionData: false } || property.ShouldSerialize is not null) continue;
            if (property.Set is null) property.ShouldSerialize = static (_, _) => false;
            else if (!property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null)
                property.ShouldSerialize = Differs(get(fresh ??= create()));
        }
    }

    private static Func<object, object?, bool>? Differs(object? fresh) => fresh switch
    {
        null => static (_, value) => value is not null,
        "" => static (_, value) => value is not "",
        ICollection { Count: 0 } => static (_, value) => value is not ICollection { Count: 0 },
        _ => null,
    };
}
