using System.CommandLine;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary>The ways to sign in that <c>repo add</c> takes. Secrets come from files and standard input, never from arguments, which others can read.</summary>
internal sealed class RepoOptions
{
    private const int MaxBytes = 256 * 1024;

    private readonly Option<string?> _username = new("--username") { Description = "With a password, or with a token that is sent as this user's password." };
    private readonly Option<bool> _password = new("--password-stdin") { Description = "The password is read from standard input." };
    private readonly Option<bool> _token = new("--token-stdin") { Description = "The token is read from standard input; it is sent as Bearer, or with --username as Basic." };
    private readonly Option<string?> _sshKey = FileOption("--ssh-key-file", "Private key of OpenSSH without passphrase.");
    private readonly Option<string?> _knownHosts = FileOption("--known-hosts-file", "Lines of known_hosts that name the server; needed with --ssh-key-file.");
    private readonly Option<string?> _clientCertificate = FileOption("--client-certificate-file", "PEM: certificate and key.");
    private readonly Option<string?> _ca = FileOption("--ca-file", "PEM certificates that vouch for the server.");
    private readonly Option<string?> _appId = new("--github-app-id") { Description = "Id of a GitHub App." };
    private readonly Option<string?> _installationId = new("--github-installation-id") { Description = "Id of its installation." };
    private readonly Option<string?> _appKey = FileOption("--github-key-file", "The App's private key, PEM.");

    public IEnumerable<Option> All => [_username, _password, _token, _sshKey, _knownHosts, _clientCertificate, _ca, _appId, _installationId, _appKey];

    /// <summary>Errors: <see cref="CliException"/> (usage) for ways that exclude each other or are not whole.</summary>
    public async Task<RepoCredentials> ReadAsync(CliEnvironment environment, ParseResult parsed, string address, GitUrl url, CancellationToken cancellationToken)
    {
        var app = new[] { parsed.GetValue(_appId), parsed.GetValue(_installationId), parsed.GetValue(_appKey) };
        var ways = new[] { parsed.GetValue(_password), parsed.GetValue(_token), parsed.GetValue(_sshKey) is not null, app.Any(static part => part is not null) };
        if (ways.Count(static way => way) > 1) throw CliException.Usage("give one of --password-stdin, --token-stdin, --ssh-key-file and --github-app-id");
        if (app.Any(static part => part is not null) && app.Any(static part => part is null)) throw CliException.Usage("--github-app-id, --github-installation-id and --github-key-file belong together");
        if ((parsed.GetValue(_sshKey) is null) != (parsed.GetValue(_knownHosts) is null)) throw CliException.Usage("--ssh-key-file and --known-hosts-file belong together");
        if (parsed.GetValue(_sshKey) is not null && !url.IsSsh) throw CliException.Usage("--ssh-key-file is for ssh URLs");
        if (parsed.GetValue(_password) && string.IsNullOrEmpty(parsed.GetValue(_username))) throw CliException.Usage("--password-stdin needs --username");
        var input = parsed.GetValue(_password) || parsed.GetValue(_token) ? await ReadInputAsync(environment, cancellationToken) : null;
        return new RepoCredentials
        {
            Username = parsed.GetValue(_username),
            AppId = app[0],
            InstallationId = app[1],
            Values = new CredentialRequest
            {
                UrlPrefix = address,
                Password = parsed.GetValue(_password) ? input : null,
                Token = parsed.GetValue(_token) ? input : null,
                SshKey = await ReadAsync(environment, parsed.GetValue(_sshKey), cancellationToken),
                KnownHosts = await ReadAsync(environment, parsed.GetValue(_knownHosts), cancellationToken),
                ClientCertificate = await ReadAsync(environment, parsed.GetValue(_clientCertificate), cancellationToken),
                Ca = await ReadAsync(environment, parsed.GetValue(_ca), cancellationToken),
                AppKey = await ReadAsync(environment, app[2], cancellationToken),
            },
        };
    }

    private static Option<string?> FileOption(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static async Task<string> ReadInputAsync(CliEnvironment environment, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(environment.OpenInput());
        var text = (await reader.ReadToEndAsync(cancellationToken)).TrimEnd('\r', '\n');
        return text.Length is > 0 and <= MaxBytes ? text : throw CliException.Usage("standard input holds no secret");
    }

    private static async Task<string?> ReadAsync(CliEnvironment environment, string? file, CancellationToken cancellationToken)
    {
        if (file is null) return null;
        var path = environment.FullPath(file);
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? await File.ReadAllTextAsync(path, cancellationToken) : throw new CliException($"{path} is larger than {MaxBytes} bytes");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} can't be read", inner: broken);
        }
    }
}
