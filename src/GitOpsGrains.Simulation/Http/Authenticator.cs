using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GitOpsGrains.Simulation.Http;

/// <summary>Who asks: by bearer token or client certificate. Credentials that are wrong are 401; none at all is the anonymous user.</summary>
internal sealed class Authenticator(FleetCertificates certificates)
{
    private static readonly SimulatedUser Anonymous = new("system:anonymous", "");

    /// <summary>Errors: 401.</summary>
    public SimulatedUser Identify(HttpContext context, SimulatedCluster cluster)
    {
        if (context.Connection.ClientCertificate is { } certificate) return OfCertificate(certificate, cluster) ?? throw Unauthorized();
        if (ReadBearer(context) is not { } token) return Anonymous;
        return cluster.FindToken(token) ?? throw Unauthorized();
    }

    /// <summary>Errors: 403 with the server's sentence.</summary>
    public static void Authorize(SimulatedUser user, string verb, ObjectAddress address)
    {
        if (user.IsAdministrator) return;
        var named = address.Name.Length > 0 ? $"{address.Kind.Storage} \"{address.Name}\"" : address.Kind.Storage;
        var where = address.Namespace.Length > 0 ? $"in the namespace \"{address.Namespace}\"" : "at the cluster scope";
        throw ApiException.Forbidden(
            $"{named} is forbidden: User \"{user.Name}\" cannot {verb} resource \"{address.Kind.Plural}\" in API group \"{address.Kind.Group}\" {where}");
    }

    public static string? ReadBearer(HttpContext context)
    {
        var header = context.Request.Headers[HeaderNames.Authorization].ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;
    }

    private SimulatedUser? OfCertificate(X509Certificate2 certificate, SimulatedCluster cluster)
    {
        if (!certificates.IsIssued(certificate) || FleetCertificates.ClusterOf(certificate) != cluster.Name) return null;
        var name = certificate.GetNameInfo(X509NameType.SimpleName, false);
        return cluster.Users.FirstOrDefault(user => user.Name == name);
    }

    private static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");
}
