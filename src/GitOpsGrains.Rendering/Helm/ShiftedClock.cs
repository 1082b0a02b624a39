using System.Buffers.Binary;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Makes the local date of a second render another one than UTC's, by a time zone that no place has: so a chart that prints
/// the day shows it too.
/// </summary>
internal static class ShiftedClock
{
    private const int East = 14 * 3600;
    private const int West = -12 * 3600;

    /// <returns>What TZ is to be: the path of a time zone's file.</returns>
    public static Task<string> WriteAsync(Workspace workspace, DateTimeOffset now, CancellationToken cancellationToken) =>
        workspace.WriteBesideAsync("zone", ZoneOf(now.UtcDateTime.Hour >= 12 ? East : West), cancellationToken);

    /// <summary>RFC 8536, version 1: one local time type and no transition.</summary>
    private static byte[] ZoneOf(int seconds)
    {
        var file = new byte[44 + 6 + 4];
        "TZif"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(36), 1);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(40), 4);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(44), seconds);
        "ZON\0"u8.CopyTo(file.AsSpan(50));
        return file;
    }
}
