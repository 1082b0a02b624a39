using System.Security.Cryptography;
using System.Text;

namespace GitOpsGrains.Storage.CrashChild;

/// <summary>A state that shows by itself whether it was torn.</summary>
public sealed class CrashState
{
    public int Version { get; set; } = 1;

    public long Sequence { get; set; }

    public string Filler { get; set; } = "";

    public string Checksum { get; set; } = "";

    public void Fill(long sequence)
    {
        Sequence = sequence;
        Filler = new string((char)('a' + (sequence % 26)), 200 + (int)(sequence * 7919 % 20_000));
        Checksum = ChecksumOf();
    }

    public bool IsWhole() => Checksum == ChecksumOf();

    private string ChecksumOf() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Sequence}:{Filler}")));
}
