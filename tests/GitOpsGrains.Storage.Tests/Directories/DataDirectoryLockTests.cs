using System.Globalization;
using GitOpsGrains.Storage.CrashChild;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Tests.Crash;

namespace GitOpsGrains.Storage.Tests.Directories;

public sealed class DataDirectoryLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Open_WhileAnotherProcessHoldsIt_NamesDirectoryAndProcess()
    {
        await using var child = ChildProcess.Start(_directory.Path, "hold");
        Assert.Equal("OPEN", await child.ReadLineAsync());
        var error = await Assert.ThrowsAsync<DataDirectoryInUseException>(() => EmbeddedServices.OpenAsync(_directory.Path));
        Assert.Equal(child.Id, error.ProcessId);
        Assert.Equal(_directory.Path, error.Directory);
        Assert.NotNull(error.StartedAt);
        Assert.Contains(_directory.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(child.Id.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await child.EndAsync());
        await using var services = await EmbeddedServices.OpenAsync(_directory.Path);
    }

    [Fact]
    public async Task Open_ByASecondProcess_IsRefused()
    {
        await using var services = await EmbeddedServices.OpenAsync(_directory.Path);
        await using var child = ChildProcess.Start(_directory.Path, "hold");
        Assert.Equal($"IN USE {Environment.ProcessId} {_directory.Path}", await child.ReadLineAsync());
        Assert.Equal(3, await child.EndAsync());
    }

    [Fact]
    public async Task Open_AfterTheHolderWasKilled_Succeeds()
    {
        await using (var child = ChildProcess.Start(_directory.Path, "hold"))
        {
            Assert.Equal("OPEN", await child.ReadLineAsync());
            child.Kill();
            await child.ReadToEndAsync();
        }

        await using var services = await EmbeddedServices.OpenAsync(_directory.Path);
    }

    [Fact]
    public void Acquire_NewDirectory_IsTheOwnersAlone()
    {
        using var held = DataDirectoryLock.Acquire(_directory["new"], TimeProvider.System);
        FileModes.ExpectOwnerOnly(_directory["new"]);
        FileModes.ExpectOwnerOnly(Path.Combine(_directory["new"], "lock"));
    }

    [Fact]
    public void Acquire_TwiceInOneProcess_IsRefusedUntilDisposed()
    {
        using (DataDirectoryLock.Acquire(_directory.Path, TimeProvider.System))
        {
            var error = Assert.Throws<DataDirectoryInUseException>(() => DataDirectoryLock.Acquire(_directory.Path, TimeProvider.System));
            Assert.Equal(Environment.ProcessId, error.ProcessId);
        }

        DataDirectoryLock.Acquire(_directory.Path, TimeProvider.System).Dispose();
    }
}
