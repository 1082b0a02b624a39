using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Testing.Git;

/// <summary>Runs <c>git http-backend</c> for one HTTP request, as a web server's CGI does.</summary>
internal sealed class CgiBridge(string root)
{
    private const int HeaderLimit = 16 * 1024;

    /// <summary>The program itself: hundreds of repositories are polled in a run, and `git http-backend` would start it as a second process each time.</summary>
    private static readonly Lazy<Task<string>> Backend = new(async () => Path.Combine(await GitProcess.RunAsync(Path.GetTempPath(), ["--exec-path"]), "git-http-backend"));

    /// <param name="cutAt">Stop after this many bytes of the body; null sends all.</param>
    /// <returns>Whether the whole body was sent.</returns>
    public async Task<bool> RunAsync(HttpContext context, byte[] body, bool protocolV2, int? cutAt)
    {
        using var process = Process.Start(Describe(await Backend.Value, context.Request, body.Length, protocolV2))!;
        var complaint = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(body);
        process.StandardInput.Close();
        using var answer = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(answer);
        await process.WaitForExitAsync();
        await complaint;
        return await SendAsync(context.Response, answer.ToArray(), cutAt);
    }

    private ProcessStartInfo Describe(string backend, HttpRequest request, int length, bool protocolV2)
    {
        var start = new ProcessStartInfo(backend)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        GitProcess.Clean(start.Environment, root);
        start.Environment["GIT_PROJECT_ROOT"] = root;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["PATH_INFO"] = request.Path.Value;
        start.Environment["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?');
        start.Environment["REQUEST_METHOD"] = request.Method;
        start.Environment["CONTENT_TYPE"] = request.ContentType ?? "";
        start.Environment["CONTENT_LENGTH"] = length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["HTTP_CONTENT_ENCODING"] = request.Headers.ContentEncoding.ToString();
        if (protocolV2) start.Environment["GIT_PROTOCOL"] = request.Headers["Git-Protocol"].ToString();
        return start;
    }

    private static async Task<bool> SendAsync(HttpResponse response, byte[] answer, int? cutAt)
    {
        var end = answer.AsSpan(0, Math.Min(answer.Length, HeaderLimit)).IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(answer, 0, Math.Max(end, 0)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status") response.StatusCode = int.Parse(value.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture);
            else response.Headers[name] = value;
        }
        var body = answer.AsMemory(end + 4);
        var sent = cutAt is { } cut && cut < body.Length ? body[..cut] : body;
        await response.Body.WriteAsync(sent);
        await response.Body.FlushAsync();
        return sent.Length == body.Length;
    }
}
