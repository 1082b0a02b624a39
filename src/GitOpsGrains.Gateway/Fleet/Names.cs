using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>Names from requests, checked before they become grain keys.</summary>
internal static class Names
{
    public static string Checked(string name) => GrainKeys.IsSegment(name)
        ? name
        : throw new GrainRefusedException(RefusalKind.NotFound, "there is nothing of that name: names are lower-case DNS-1123 names of at most 63 characters");

    public static string Application(string project, string name) => GrainKeys.Application(Checked(project), Checked(name));
}
