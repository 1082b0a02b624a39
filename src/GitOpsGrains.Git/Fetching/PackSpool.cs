namespace GitOpsGrains.Git.Fetching;

/// <summary>Keeps a pack while it is downloaded: in memory while small, as most commits are, else in a file that goes with it.</summary>
internal sealed class PackSpool(string folder) : Stream
{
    private const int MemoryLimit = 1024 * 1024;
    private Stream _stream = new MemoryStream();

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => true;
    public override long Length => _stream.Length;

    public override long Position
    {
        get => _stream.Position;
        set => _stream.Position = value;
    }

    public override void Flush() => _stream.Flush();
    public override int Read(byte[] buffer, int offset, int count) => _stream.Read(buffer, offset, count);
    public override int Read(Span<byte> buffer) => _stream.Read(buffer);
    public override long Seek(long offset, SeekOrigin origin) => _stream.Seek(offset, origin);
    public override void SetLength(long value) => _stream.SetLength(value);
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_stream is MemoryStream memory && memory.Length + buffer.Length > MemoryLimit) MoveToFile(memory);
        _stream.Write(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _stream.Dispose();
        base.Dispose(disposing);
    }

    private void MoveToFile(MemoryStream memory)
    {
        Directory.CreateDirectory(folder);
        var file = new FileStream(Path.Combine(folder, Guid.NewGuid().ToString("N") + ".pack"), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        memory.WriteTo(file);
        memory.Dispose();
        _stream = file;
    }
}
