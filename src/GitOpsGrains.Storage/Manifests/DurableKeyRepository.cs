using System.Xml.Linq;
using GitOpsGrains.Storage.Directories;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>
/// The key ring as files in a directory that is the owner's alone. A key is flushed before anything is encrypted with it:
/// ASP.NET Core's own file repository does not flush, and a power failure could leave data without its key.
/// </summary>
internal sealed class DurableKeyRepository(string directory) : IXmlRepository
{
    /// <summary>Whoever makes a key now does it because there was none.</summary>
    private volatile bool _wasEmpty;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var elements = Read();
        _wasEmpty = elements.Count == 0;
        return elements;
    }

    private IReadOnlyCollection<XElement> Read() =>
        Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory, "*.xml").Order(StringComparer.Ordinal).Select(XElement.Load)] : [];

    public void StoreElement(XElement element, string friendlyName)
    {
        // ASP.NET Core may ask for a key before the storage opens: the data directory itself must be private from the first.
        DataDirectoryLock.CreatePrivateDirectory(Path.GetDirectoryName(directory)!);
        DataDirectoryLock.CreatePrivateDirectory(directory);
        // Two silos that start at once on an empty directory both make a key: whoever is first wins, and the other takes that one.
        var isFirst = Read().Count == 0;
        if (!isFirst && _wasEmpty) return;
        var name = isFirst ? "first-key" : IsFileName(friendlyName) ? friendlyName : Guid.NewGuid().ToString();
        var temporary = Path.Combine(directory, $"{name}.{Guid.NewGuid():N}.new");
        using (var file = DataDirectoryLock.CreatePrivateFile(temporary))
        {
            element.Save(file);
            file.Flush(flushToDisk: true);
        }

        Publish(temporary, Path.Combine(directory, $"{name}.xml"), isFirst);
        _wasEmpty = false;
    }

    private static void Publish(string temporary, string file, bool onlyIfAbsent)
    {
        try
        {
            File.Move(temporary, file, overwrite: !onlyIfAbsent);
        }
        catch (IOException) when (onlyIfAbsent && File.Exists(file))
        {
            File.Delete(temporary);
        }
    }

    private static bool IsFileName(string name) =>
        name.Length is > 0 and <= 100 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
