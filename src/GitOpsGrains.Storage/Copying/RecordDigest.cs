using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GitOpsGrains.Storage.Copying;

/// <summary>Count and hash of a set of records in any order: the sum of the hashes of each with its name. Used by one thread at a time.</summary>
internal sealed class RecordDigest
{
    private readonly ulong[] _sum = new ulong[4];

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Of several sets in this order.</summary>
    public static RecordDigest Of(IReadOnlyList<RecordDigest> parts)
    {
        var whole = new RecordDigest();
        for (var i = 0; i < parts.Count; i++) whole.Add(i.ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(parts[i].ToString()));
        return whole;
    }

    public void Add(string name, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        var label = Encoding.UTF8.GetBytes(name);
        BinaryPrimitives.WriteInt32LittleEndian(length, label.Length);
        hash.AppendData(length);
        hash.AppendData(label);
        hash.AppendData(data);
        var digest = hash.GetHashAndReset();
        for (var i = 0; i < _sum.Length; i++) _sum[i] += BinaryPrimitives.ReadUInt64LittleEndian(digest.AsSpan(i * 8));
        Count++;
        Bytes += data.Length;
    }

    public override string ToString()
    {
        var bytes = new byte[32];
        for (var i = 0; i < _sum.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), _sum[i]);
        return Convert.ToHexStringLower(bytes);
    }
}
