using System.Security.Cryptography;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Applications;

/// <summary>
/// Ids of operations: <c>project~name~random</c>, so that an id alone finds its application. '~' is in no key segment
/// and needs no escaping in a URL.
/// </summary>
public static class OperationIds
{
    public static string New(string applicationKey)
    {
        var (project, name) = GrainKeys.ParseApplication(applicationKey);
        return $"{project}~{name}~{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
    }

    /// <summary>The key of the application, or null when the text is no operation id.</summary>
    public static string? ApplicationOf(string id)
    {
        var parts = id.Split('~');
        return parts.Length == 3 && GrainKeys.IsSegment(parts[0]) && GrainKeys.IsSegment(parts[1])
            ? GrainKeys.Application(parts[0], parts[1])
            : null;
    }
}
