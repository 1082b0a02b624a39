using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Engine.Tests.Policy;

public sealed class CheckPaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pause_ChecksInVainInARow_GrowsToFiveMinutes()
    {
        var (history, now, pauses) = (CheckHistory.None, Start, new List<double>());
        for (var i = 0; i < 10; i++)
        {
            history = CheckPace.FoundNothing(history, now);
            pauses.Add(CheckPace.Pause(history, isNoise: true).TotalSeconds);
            now += CheckPace.Pause(history, isNoise: true);
        }

        Assert.Equal([10, 10, 20, 40, 80, 160, 300, 300, 300, 300], pauses);
    }

    [Fact]
    public void Pause_AfterTenQuietMinutes_IsTenSecondsAgain()
    {
        var history = new CheckHistory { Fruitless = 7, Last = Start };

        Assert.Equal(8, CheckPace.FoundNothing(history, Start.AddMinutes(9.9)).Fruitless);
        Assert.Equal(TimeSpan.FromSeconds(10), CheckPace.Pause(CheckPace.FoundNothing(history, Start.AddMinutes(10)), isNoise: true));
    }

    [Fact]
    public void Pause_OfAQuestionAboutWhatIsOurs_NeverGrows() =>
        Assert.Equal(CheckPace.Shortest, CheckPace.Pause(new CheckHistory { Fruitless = 50, Last = Start }, isNoise: false));
}
