namespace GitOpsGrains.Abstractions.Credentials;

/// <summary>A silo that has all RepositoryCredentials at hand. To tell it is a command that is awaited: a change is acknowledged when the followers have it.</summary>
[Alias("gog.ITemplateFollower")]
public interface ITemplateFollower : IGrainObserver
{
    /// <summary>Returns when questions are answered by the new list.</summary>
    [Alias("Replace")]
    Task ReplaceAsync(TemplateList templates);
}
