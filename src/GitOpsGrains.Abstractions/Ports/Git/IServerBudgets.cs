namespace GitOpsGrains.Abstractions.Ports.Git;

/// <summary>How many requests the servers of this process's repositories get. For requests that no grain asks for by itself.</summary>
public interface IServerBudgets
{
    /// <summary>Waits for the place of a request that somebody waits for.</summary>
    Task WaitUrgentAsync(string url, CancellationToken cancellationToken);

    /// <summary>How long the server of the URL still wants to be left alone.</summary>
    TimeSpan PausedFor(string url);

    /// <summary>The server of the URL asks to be left alone.</summary>
    void Pause(string url, TimeSpan length);
}
