using System.Diagnostics;
using System.Text;

namespace GitOpsGrains.Rendering.Tests;

/// <summary>Commits made of Git's own objects, with what no working copy can hold.</summary>
internal sealed class RawTrees(RenderHarness harness)
{
    public static byte[] Entry(string mode, string kind, string id, ReadOnlySpan<byte> name) => [.. Encoding.ASCII.GetBytes($"{mode} {kind} {id}\t"), .. name, 0];

    public static byte[] File(string id, string name) => Entry("100644", "blob", id, Encoding.UTF8.GetBytes(name));

    public static byte[] Folder(string id, string name) => Entry("040000", "tree", id, Encoding.UTF8.GetBytes(name));

    public Task<string> BlobAsync(string text) => GitAsync(["hash-object", "-w", "--stdin"], Encoding.UTF8.GetBytes(text));

    public Task<string> TreeAsync(params byte[][] entries) => GitAsync(["mktree", "-z"], [.. entries.SelectMany(entry => entry)]);

    /// <summary>Makes a commit of the tree, and brings it into the mirror.</summary>
    public async Task<string> PublishAsync(string tree)
    {
        await harness.Work.CommitAsync("Begin");
        var commit = await harness.Work.GitAsync("commit-tree", tree, "-p", "HEAD", "-m", "Raw");
        await harness.Work.GitAsync("push", "--quiet", "origin", $"{commit}:refs/heads/main");
        await harness.FetchAsync(commit);
        return commit;
    }

    private async Task<string> GitAsync(string[] arguments, byte[] input)
    {
        var info = new ProcessStartInfo("git", arguments) { WorkingDirectory = harness.Work.Folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
