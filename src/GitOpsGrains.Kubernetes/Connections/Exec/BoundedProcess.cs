using System.ComponentModel;
using GitOpsGrains.Adapters.Processes;
using GitOpsGrains.Kubernetes.Connections.Credentials;

namespace GitOpsGrains.Kubernetes.Connections.Exec;

/// <summary>Runs an exec plugin within limits. Errors: <see cref="CredentialException"/>.</summary>
internal static class BoundedProcess
{
    private const int MaxOutput = 1024 * 1024;
    private const int MaxErrors = 4096;

    public static async Task<RunResult> RunAsync(ExecPlugin plugin, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var order = new ProcessOrder(plugin.Program, plugin.Arguments, plugin.Folder, plugin.Environment);
            var result = await BoundedRun.RunAsync(order, new RunLimits(limit, MaxOutput, MaxErrors), default, time, cancellationToken);
            return result.End switch
            {
                RunEnd.TimedOut => throw new CredentialException($"the exec plugin {plugin.Program} was killed: it had not ended after {limit.TotalSeconds:0.#} s"),
                RunEnd.TooMuchOutput => throw new CredentialException($"the exec plugin {plugin.Program} printed more than {MaxOutput} bytes"),
                _ => result,
            };
        }
        catch (Win32Exception exception)
        {
            throw new CredentialException($"the exec plugin {plugin.Program} can't be started: {exception.Message}", exception);
        }
    }
}
