using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Closures;

namespace GitOpsGrains.Rendering.Running;

/// <summary>A tool, or why there is none.</summary>
internal readonly record struct FoundTool(Tool? Tool, string Missing);

/// <summary>What renders by a tool have in common: the key, the workspace, and what goes wrong with either.</summary>
internal sealed class ToolRenders(ClosureExport export)
{
    public static async Task<FoundTool> FindAsync(Func<CancellationToken, Task<Tool>> find, CancellationToken cancellationToken)
    {
        try
        {
            return new FoundTool(await find(cancellationToken), "");
        }
        catch (ToolException missing)
        {
            return new FoundTool(null, missing.Message);
        }
    }

    /// <param name="version">Of the renderer.</param>
    /// <param name="options">All that the tool is told.</param>
    public static RenderKey KeyOf(RenderRequest request, Closure closure, string version, FoundTool found, params ReadOnlySpan<string> options)
    {
        string[] inputs = [version, found.Tool?.Version ?? "", closure.Root, closure.ReadSet.Digest, .. options, SourceSubstitution.Of(request).Inputs];
        if (request.Repository.ReadsSubmodules) inputs = [.. inputs, "submodules"];
        return new RenderKey(Digest.Of(JsonSerializer.SerializeToUtf8Bytes(inputs)).ToString(), closure.ReadSet);
    }

    /// <summary>Exports the closure and runs the tool on it; what may pass by itself is told as transient.</summary>
    /// <param name="file">What a killed tool was about.</param>
    public async Task<RenderResult> RunAsync(
        RenderRequest request, RenderKey key, Closure closure, FoundTool found, string file, Func<Workspace, Tool, Task<RenderResult>> run, CancellationToken cancellationToken)
    {
        if (closure.Faults.Count > 0) return RenderResults.Faulty(key, closure.Faults);
        if (found.Tool is not { } tool) return Passing(key, ".", found.Missing);
        try
        {
            using var workspace = new Workspace();
            var pointers = await export.WriteAsync(workspace, request, closure, cancellationToken);
            ManifestFault[] faults = [.. pointers.Where(file => closure.Chart?.IsRendered(file) != false).Select(file => new ManifestFault(file.Path, null, null, LfsPointer.Reason))];
            return faults.Length > 0 ? RenderResults.Faulty(key, faults) : await run(workspace, tool);
        }
        catch (ToolException killed)
        {
            return Passing(key, file, killed.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Passing(key, ".", Workspace.Unusable(failure));
        }
    }

    private static RenderResult Passing(RenderKey key, string file, string reason) =>
        RenderResults.Faulty(key, new ManifestFault(file, null, null, reason)) with { IsTransient = true };
}
