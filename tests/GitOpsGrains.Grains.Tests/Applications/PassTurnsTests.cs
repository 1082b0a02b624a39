using GitOpsGrains.Grains.Applications;

namespace GitOpsGrains.Grains.Tests.Applications;

public sealed class PassTurnsTests
{
    private readonly PassTurns _turns = new();

    [Fact]
    public async Task Take_WhenAllTurnsAreTaken_WaitsInOrderUntilOneEnds()
    {
        var taken = await TakeAllAsync("fleet");
        var (first, second) = (_turns.TakeAsync("fleet", CancellationToken.None).AsTask(), _turns.TakeAsync("fleet", CancellationToken.None).AsTask());
        Assert.False(first.IsCompleted);

        taken[17].Dispose();
        await first;
        Assert.False(second.IsCompleted);

        (await first).Dispose();
        await second;
    }

    [Fact]
    public async Task Take_OfARepositoryThatHasTurns_WaitsForNoOther()
    {
        await TakeAllAsync("silent");

        using var turn = await _turns.TakeAsync("fleet", CancellationToken.None);
    }

    [Fact]
    public async Task Take_ThatIsHurried_BeginsWithoutATurnAndGivesNoneBack()
    {
        var taken = await TakeAllAsync("fleet");
        using var hurry = new CancellationTokenSource();
        var hurried = _turns.TakeAsync("fleet", hurry.Token).AsTask();
        var patient = _turns.TakeAsync("fleet", CancellationToken.None).AsTask();

        await hurry.CancelAsync();
        (await hurried).Dispose();

        Assert.False(patient.IsCompleted);
        taken[0].Dispose();
        await patient;
    }

    private async Task<PassTurns.Turn[]> TakeAllAsync(string repository)
    {
        var taken = new PassTurns.Turn[PassTurns.AtOnce];
        for (var index = 0; index < taken.Length; index++) taken[index] = await _turns.TakeAsync(repository, CancellationToken.None);
        return taken;
    }
}
