using Orleans.Concurrency;

namespace GitOpsGrains.Storage.Tests.Silo;

[Alias("gogtest.ISurvivorGrain")]
public interface ISurvivorGrain : IGrainWithStringKey
{
    [Alias("Remember")]
    Task RememberAsync(string text, CancellationToken cancellationToken);

    [Alias("Recall"), ReadOnly]
    Task<string> RecallAsync(CancellationToken cancellationToken);

    [Alias("HasReminder")]
    Task<bool> HasReminderAsync(CancellationToken cancellationToken);

    [Alias("CountTicks"), ReadOnly]
    Task<int> CountTicksAsync(CancellationToken cancellationToken);
}

[GrainType("survivor")]
public sealed class SurvivorGrain(
    [PersistentState("survivor", "state")] IPersistentState<SurvivorState> state,
    [PersistentState("survivor-default")] IPersistentState<SurvivorState> second) : Grain, ISurvivorGrain, IRemindable
{
    private const string ReminderName = "wake";

    public async Task RememberAsync(string text, CancellationToken cancellationToken)
    {
        state.State.Text = text;
        await state.WriteStateAsync(cancellationToken);
        second.State.Text = text;
        await second.WriteStateAsync(cancellationToken);
        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.Zero, TimeSpan.FromSeconds(1), cancellationToken);
    }

    public Task<string> RecallAsync(CancellationToken cancellationToken) =>
        Task.FromResult(state.State.Text == second.State.Text ? state.State.Text : "torn");

    public async Task<bool> HasReminderAsync(CancellationToken cancellationToken) =>
        await this.GetReminder(ReminderName, cancellationToken) is not null;

    public Task<int> CountTicksAsync(CancellationToken cancellationToken) => Task.FromResult(state.State.Ticks);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        state.State.Ticks++;
        await state.WriteStateAsync();
    }
}

public sealed class SurvivorState
{
    public int Version { get; set; } = 1;

    public string Text { get; set; } = "";

    public int Ticks { get; set; }
}
