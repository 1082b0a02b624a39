using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Ports.Secrets;

/// <summary>What references to files and variables of this process point to. Nothing is remembered.</summary>
public static class LocalSecrets
{
    private static readonly char[] LineEnds = ['\r', '\n'];

    /// <summary>As text, without line ends behind it. Errors: <see cref="SecretException"/>, also for a reference to a stored credential.</summary>
    public static async Task<string> ReadAsync(SecretReference reference, SecretOptions options, CancellationToken cancellationToken)
    {
        var value = reference switch
        {
            { File: { } file } => await SecretFiles.ReadAsync(file, options, cancellationToken),
            { Env: { } name } => ReadVariable(name, options.EnvironmentPrefix),
            _ => throw new SecretException("a reference names neither a file nor a variable"),
        };
        return Trimmed(value, reference);
    }

    /// <summary>Errors: <see cref="SecretException"/> for an empty one.</summary>
    public static string Trimmed(string value, SecretReference reference)
    {
        var text = value.TrimEnd(LineEnds);
        return text.Length > 0 ? text : throw new SecretException($"the {reference.Describe()} is empty");
    }

    private static string ReadVariable(string name, string prefix)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) throw new SecretException($"the variable {name} does not begin with {prefix}");
        return Environment.GetEnvironmentVariable(name) ?? throw new SecretException($"there is no variable {name}");
    }
}
