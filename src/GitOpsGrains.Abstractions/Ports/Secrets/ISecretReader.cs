using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Ports.Secrets;

/// <summary>Reads what a checked document or setting refers to.</summary>
public interface ISecretReader
{
    /// <summary>The bytes as they are, at most 64 KB. Errors: <see cref="SecretException"/>.</summary>
    Task<byte[]> ReadAsync(SecretReference reference, CancellationToken cancellationToken);
}

/// <summary>A secret that can't be read. The message names the place and never what is in it.</summary>
public sealed class SecretException(string message, Exception? inner = null) : Exception(message, inner);
