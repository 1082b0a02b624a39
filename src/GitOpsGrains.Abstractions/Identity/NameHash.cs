using System.IO.Hashing;
using System.Text;

namespace GitOpsGrains.Abstractions.Identity;

/// <summary>Which of several parts a name belongs to. What is stored lies where this says: the hash (XXH32 of the UTF-8 bytes) never changes.</summary>
public static class NameHash
{
    /// <summary>From 0 to <paramref name="count"/> - 1.</summary>
    public static int PartOf(string name, int count) => (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(name)) % count);
}
