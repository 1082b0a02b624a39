using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Connection;

/// <summary>Refusals and failures of a server, as sentences with a hint.</summary>
internal static class Problems
{
    private const string LoginHint = "gitopsctl login URL --token-file FILE; the first admin token is in the file admin-token of the server's data directory";

    public static async Task<CliException> ReadAsync(HttpResponseMessage response, ServerSettings server, CancellationToken cancellationToken)
    {
        var problem = await ProblemOfAsync(response, cancellationToken);
        var status = (int)response.StatusCode;
        var said = problem?.Detail ?? problem?.Title ?? $"{server.Address} answered {status} {response.ReasonPhrase}";
        var message = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => server.Token is null ? "no token: sign in first" : "the server refuses the token",
            HttpStatusCode.Redirect or HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect =>
                $"{server.Address} sends elsewhere; give the final address with --server",
            _ => said,
        };
        return new CliException(message, hint: response.StatusCode == HttpStatusCode.Unauthorized ? LoginHint : null)
        {
            Status = status,
            Details = [.. problem?.Faults?.Select(static fault => fault.ToString()) ?? []],
            Data = { [nameof(ProblemView)] = problem },
        };
    }

    public static CliException Unreachable(ServerSettings server, HttpRequestException cause)
    {
        var refused = cause.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
        var hint = refused && server.Address.IsLoopback ? "start one with: dotnet run --project src/GitOpsGrains.Silo" : "check --server and GITOPSGRAINS_SERVER";
        var reason = refused ? "connection refused" : cause.InnerException?.Message ?? cause.Message;
        return new CliException($"no server at {server.Address}: {reason}", hint: hint, inner: cause);
    }

    private static async Task<ProblemView?> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not (ProblemView.MediaType or "application/json")) return null;
        try
        {
            return JsonSerializer.Deserialize<ProblemView>(await response.Content.ReadAsByteArrayAsync(cancellationToken), DocumentJson.Rest);
        }
        catch (JsonException)
        {
            // Not a problem after all; its status says enough.
            return null;
        }
    }
}
