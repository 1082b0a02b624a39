using System.Text;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>Secrets in files and environment variables of this process. What may be named was checked with the document or the setting.</summary>
internal sealed class SecretReader : ISecretReader
{
    private const int MaxBytes = 64 * 1024;

    public async Task<byte[]> ReadAsync(SecretReference reference, CancellationToken cancellationToken)
    {
        if (reference.File is { } path) return await ReadFileAsync(path, cancellationToken);
        if (reference.Env is not { } name) throw new SecretException("stored secrets can't be read here; give file or env");
        return Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? Limited(Encoding.UTF8.GetBytes(value), $"the environment variable {name}")
            : throw new SecretException($"the environment variable {name} is not set");
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return Limited(bytes[..length], $"the file {path}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"the file {path} can't be read: {failure.GetType().Name}", failure);
        }
    }

    private static byte[] Limited(byte[] bytes, string place) =>
        bytes.Length <= MaxBytes ? bytes : throw new SecretException($"{place} has more than {MaxBytes} bytes");
}
