using System.Reflection;

namespace GitOpsGrains.Grains.Tests.Hosting;

/// <summary>An interface of which a test uses one member.</summary>
#pragma warning disable CA1852 // A proxy is a subtype.
internal class Stub : DispatchProxy
#pragma warning restore CA1852
{
    private Func<IReadOnlyList<object>, object> _answer = null!;

    public static T Of<T>(Func<IReadOnlyList<object>, object> answer)
        where T : class
    {
        var made = Create<T, Stub>();
        ((Stub)(object)made)._answer = answer;
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _answer([.. targetMethod!.GetGenericArguments(), .. (args ?? []).OfType<object>()]);
}
