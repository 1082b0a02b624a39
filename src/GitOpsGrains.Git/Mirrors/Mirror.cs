using GitOpsGrains.Abstractions.Ports.Git;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>One bare mirror on disk. Reads need no lock: objects are only ever added; whoever adds them holds the gate.</summary>
internal sealed class Mirror(string folder, RepositoryPool pool)
{
    private volatile bool _damaged;
    private volatile int _generation;

    public string Folder { get; } = folder;

    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Something that must be there could not be read: the next fetch makes the mirror anew.</summary>
    public bool IsDamaged => _damaged;

    public bool Exists => Directory.Exists(Folder);

    private string Unfinished => Folder + ".new";

    public void ReportDamage()
    {
        _damaged = true;
        CloseAll();
    }

    /// <summary>Makes the mirror if there is none, or a broken one. Hold the gate.</summary>
    public void Ensure()
    {
        LibGit2Setup.Ensure();
        if (Exists && (IsDamaged || !Repository.IsValid(Folder))) Remove();
        if (Exists) return;
        CloseAll();
        // Made aside and moved: a mirror that exists is whole.
        if (Directory.Exists(Unfinished)) Directory.Delete(Unfinished, true);
        Directory.CreateDirectory(Unfinished);
        Repository.Init(Unfinished, isBare: true);
        Directory.Move(Unfinished, Folder);
        _damaged = false;
    }

    /// <summary>
    /// Uses the mirror, opened. Errors: <see cref="GitException"/> (Malformed, CommitNotFound when there is none) and those
    /// of the use, after which it is opened anew.
    /// </summary>
    public T Use<T>(Func<Repository, T> use)
    {
        LibGit2Setup.Ensure();
        var generation = _generation;
        var opened = pool.Take(this) ?? Open();
        var result = default(T);
        try
        {
            result = use(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
        if (generation == _generation) pool.Give(this, opened);
        else opened.Dispose();
        return result;
    }

    /// <summary>Whoever uses it next opens it anew: packs that were there are gone.</summary>
    public void CloseAll()
    {
        Interlocked.Increment(ref _generation);
        pool.Close(this);
    }

    public void Remove()
    {
        CloseAll();
        foreach (var path in new[] { Folder, Unfinished })
            if (Directory.Exists(path))
                Directory.Delete(path, true);
    }

    private Repository Open()
    {
        if (!Exists) throw new GitException(GitErrorKind.CommitNotFound, "the repository was not fetched yet");
        try
        {
            return new Repository(Folder);
        }
        catch (RepositoryNotFoundException broken)
        {
            ReportDamage();
            throw new GitException(GitErrorKind.Malformed, "the mirror on disk is damaged, the next fetch makes it anew", broken);
        }
    }
}
