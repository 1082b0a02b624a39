using GitOpsGrains.Abstractions.Ports.Git;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>One bare mirror on disk. Reads need no lock: objects are only ever added; whoever adds them holds the gate.</summary>
internal sealed class Mirror(string folder)
{
    private volatile bool _damaged;

    public string Folder { get; } = folder;

    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Something that must be there could not be read: the next fetch makes the mirror anew.</summary>
    public bool IsDamaged => _damaged;

    public bool Exists => Directory.Exists(Folder);

    private string Unfinished => Folder + ".new";

    public void ReportDamage() => _damaged = true;

    /// <summary>Opens the mirror, making it first where there is none or a broken one. Hold the gate.</summary>
    public Repository OpenOrMake()
    {
        LibGit2Setup.Ensure();
        if (Exists && (IsDamaged || !Repository.IsValid(Folder))) Remove();
        if (!Exists)
        {
            // Made aside and moved: a mirror that exists is whole.
            if (Directory.Exists(Unfinished)) Directory.Delete(Unfinished, true);
            Directory.CreateDirectory(Unfinished);
            Repository.Init(Unfinished, isBare: true);
            Directory.Move(Unfinished, Folder);
            _damaged = false;
        }
        return new Repository(Folder);
    }

    /// <summary>Null where there is no mirror.</summary>
    public Repository? OpenExisting()
    {
        LibGit2Setup.Ensure();
        try
        {
            return Exists ? new Repository(Folder) : null;
        }
        catch (RepositoryNotFoundException broken)
        {
            ReportDamage();
            throw new GitException(GitErrorKind.Malformed, "the mirror on disk is damaged, the next fetch makes it anew", broken);
        }
    }

    public void Remove()
    {
        foreach (var folder in new[] { Folder, Unfinished })
            if (Directory.Exists(folder))
                Directory.Delete(folder, true);
    }
}
