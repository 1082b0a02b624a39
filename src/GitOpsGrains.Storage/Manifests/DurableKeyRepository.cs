using System.Globalization;
using System.Xml.Linq;
using GitOpsGrains.Storage.Directories;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>
/// The key ring as files in a directory that is the owner's alone. A key is flushed before anything is encrypted with it:
/// ASP.NET Core's own file repository does not flush, and a power failure could leave data without its key.
/// </summary>
/// <param name="patience">So long whoever claims to make the first key may take; then it is taken for dead. Null: 10 s.</param>
internal sealed class DurableKeyRepository(string directory, TimeSpan? patience = null) : IXmlRepository
{
    private const string FirstKey = "first-key";
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(20);
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);

    /// <summary>Whoever makes a key now does it because there was none.</summary>
    private volatile bool _wasEmpty;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var elements = Read();
        _wasEmpty = elements.Count == 0;
        return elements;
    }

    private IReadOnlyCollection<XElement> Read() => [.. Files().Order(StringComparer.Ordinal).Select(XElement.Load)];

    private IEnumerable<string> Files() => Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.xml") : [];

    public void StoreElement(XElement element, string friendlyName)
    {
        // ASP.NET Core may ask for a key before the storage opens: the data directory itself must be private from the first.
        DataDirectoryLock.CreatePrivateDirectory(Path.GetDirectoryName(directory)!);
        DataDirectoryLock.CreatePrivateDirectory(directory);
        if (!Files().Any()) StoreFirst(element);
        else if (!_wasEmpty) Write(element, IsFileName(friendlyName) ? friendlyName : Guid.NewGuid().ToString(), overwrite: true);
        _wasEmpty = false;
    }

    /// <summary>
    /// Two silos that start at once on an empty directory both make a key: one is stored, and the other silo takes that one. Whoever
    /// creates the claim stores its own: a move that overwrites nothing is a look and then a move, and both could look first.
    /// </summary>
    private void StoreFirst(XElement element)
    {
        for (var round = 0; !Files().Any();)
            if (TryClaim(round) ? !PublishFirst(element, round) : !IsOverSoon(round))
                round++;
    }

    private string ClaimOf(int round) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{FirstKey}.claim-{round}"));

    private bool TryClaim(int round)
    {
        try
        {
            DataDirectoryLock.CreatePrivateFile(ClaimOf(round)).Dispose();
            return true;
        }
        catch (IOException) when (File.Exists(ClaimOf(round)) || Files().Any())
        {
            return false;
        }
    }

    /// <summary>False when another has taken this one for dead and has the next claim.</summary>
    private bool PublishFirst(XElement element, int round)
    {
        try
        {
            if (File.Exists(ClaimOf(round + 1))) return false;
            // A claim ends after its key is there, so there may be one since the look before this claim.
            if (!Files().Any()) Write(element, FirstKey, overwrite: false);
            for (var earlier = 0; earlier < round; earlier++) File.Delete(ClaimOf(earlier));
            return true;
        }
        finally
        {
            File.Delete(ClaimOf(round));
        }
    }

    /// <summary>Waits for the key, or for the end of the claim; false when neither comes.</summary>
    private bool IsOverSoon(int round)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!Files().Any() && File.Exists(ClaimOf(round)))
        {
            if (TimeProvider.System.GetElapsedTime(start) > _patience) return false;
            // Of files that other machines write nobody is told, and ASP.NET Core asks for keys synchronously.
            Task.Delay(PauseBetweenLooks, TimeProvider.System).GetAwaiter().GetResult();
        }
        return true;
    }

    private void Write(XElement element, string name, bool overwrite)
    {
        var temporary = Path.Combine(directory, $"{name}.{Guid.NewGuid():N}.new");
        using (var file = DataDirectoryLock.CreatePrivateFile(temporary))
        {
            element.Save(file);
            file.Flush(flushToDisk: true);
        }

        var target = Path.Combine(directory, $"{name}.xml");
        try
        {
            File.Move(temporary, target, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(target))
        {
            File.Delete(temporary);
        }
    }

    private static bool IsFileName(string name) =>
        name.Length is > 0 and <= 100 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
