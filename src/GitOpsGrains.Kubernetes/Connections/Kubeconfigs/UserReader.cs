using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Kubernetes.Connections.Credentials;
using GitOpsGrains.Kubernetes.Connections.Exec;
using GitOpsGrains.Kubernetes.Hosting;

namespace GitOpsGrains.Kubernetes.Connections.Kubeconfigs;

/// <summary>Reads a kubeconfig's user: who we are, and as whom we act. Errors: <see cref="KubeconfigException"/>.</summary>
internal sealed class UserReader(KubernetesOptions options, TimeProvider time)
{
    public ICredentialSource ReadCredentials(KubeconfigEntry? user, string? folder, ExecClusterInfo cluster)
    {
        if (user is null) return new FixedCredentials(Credential.None);
        if (user.Entry("auth-provider") is { } provider)
            throw new KubeconfigException($"{user.Place}: the auth-provider '{provider.Text("name")}' is not supported (Kubernetes has dropped them): use an exec plugin");
        var certificate = ReadCertificate(user, folder);
        try
        {
            return ReadSource(user, folder, cluster, certificate);
        }
        catch (CredentialException exception)
        {
            certificate?.Dispose();
            throw new KubeconfigException($"{user.Place}: {exception.Message}", exception);
        }
        catch
        {
            certificate?.Dispose();
            throw;
        }
    }

    /// <summary>The fields "as", "as-uid", "as-groups" and "as-user-extra" as headers.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadImpersonation(KubeconfigEntry? user)
    {
        if (user?.Text("as") is not { } name) return [];
        List<KeyValuePair<string, string>> headers = [new("Impersonate-User", Header(name))];
        if (user.Text("as-uid") is { } uid) headers.Add(new("Impersonate-Uid", Header(uid)));
        headers.AddRange(user.Texts("as-groups").Select(group => new KeyValuePair<string, string>("Impersonate-Group", Header(group))));
        if (user.Entry("as-user-extra") is not { } extra) return headers;
        foreach (var key in extra.Keys().ToList())
            headers.AddRange(extra.Texts(key).Select(value => new KeyValuePair<string, string>($"Impersonate-Extra-{Uri.EscapeDataString(key)}", Header(value))));
        return headers;

        string Header(string value) => value.Any(char.IsControl)
            ? throw new KubeconfigException($"{user.Place}: the fields 'as…' hold control characters")
            : value;
    }

    private ICredentialSource ReadSource(KubeconfigEntry user, string? folder, ExecClusterInfo cluster, X509Certificate2? certificate)
    {
        var tokenFile = user.Text("tokenFile");
        var token = user.Text("token");
        var (name, password) = (user.Text("username"), user.Text("password"));
        var exec = user.Entry("exec");
        foreach (var key in new[] { "as", "as-uid", "as-groups", "as-user-extra" }) user.Know(key);
        if (user.Text("as") is null && (user.Text("as-uid") is not null || user.Has("as-groups") || user.Has("as-user-extra")))
            throw new KubeconfigException($"{user.Place}: 'as-uid', 'as-groups' and 'as-user-extra' need 'as'");
        user.RefuseUnknown();
        if (exec is not null && (token ?? tokenFile ?? name) is not null)
            throw new KubeconfigException($"{user.Place}: 'exec' excludes tokens, names and passwords");
        if (exec is not null) return new ExecCredentials(ExecPlugin.Read(exec, folder ?? "/", cluster, options), options.ExecTimeout, certificate, time);
        // As in kubectl: the file is the newer truth.
        if (tokenFile is not null) return new TokenFileCredentials(KubeconfigFiles.Beside(user, "tokenFile", tokenFile, folder), certificate, time);
        if (token is not null) return new FixedCredentials(Credential.Token(token, "the token", certificate));
        if (name is not null) return new FixedCredentials(Credential.Basic(name, password ?? "", certificate));
        return new FixedCredentials(new Credential(null, certificate));
    }

    private static X509Certificate2? ReadCertificate(KubeconfigEntry user, string? folder)
    {
        var certificate = KubeconfigFiles.ReadText(user, "client-certificate", folder);
        var key = KubeconfigFiles.ReadText(user, "client-key", folder);
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null) throw new KubeconfigException($"{user.Place}: a client certificate needs its key, and a key its certificate");
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubeconfigException($"{user.Place}: the client certificate and its key don't fit together or are no PEM", exception);
        }
    }
}
