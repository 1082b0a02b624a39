namespace GitOpsGrains.Demo.Playing;

/// <summary>The commands that a newcomer may try, for the folder and server that they have.</summary>
internal sealed class Guide(DemoFolder folder, CommandText commands)
{
    public void Print(DemoScreen screen, TimeSpan driftEvery)
    {
        var clone = commands.PathOf(folder.Clone);
        screen.Line();
        screen.Line($"12 simulated clusters in three regions, ten applications out of the Git repository {commands.PathOf(folder.Repository)}.");
        screen.Line("In a second terminal, in this folder:");
        screen.Line();
        screen.Line("1. See all applications. One is still being rolled out, one is broken: its tree says what and where.");
        Ctl("get applications");
        Ctl("app tree shop/payments");
        screen.Line();
        screen.Line("2. Release web 1.5 by a commit, and see it reach six clusters.");
        Command($"git -C {clone} pull --quiet");
        Command($"sed -i.bak 's/web:1[.][0-9]*/web:1.5/' {commands.PathOf(Path.Combine(folder.Clone, "shop", "web", "web.yaml"))}");
        Command($"git -C {clone} commit --quiet --all --message 'Release web 1.5'");
        Command($"git -C {clone} push --quiet");
        Ctl("app sync shop/web --wait");
        screen.Line();
        screen.Line("3. Go back. A rollback is a commit, too.");
        Ctl("app rollback shop/web --reason 'web 1.5 is slow'");
        Ctl("app history shop/web");
        screen.Line();
        screen.Line($"Every {driftEvery.TotalSeconds:0} s Alice changes something of shop/cart by hand; who changed what is in its tree afterwards.");
        screen.Line("Ctrl+C ends the demo, the same command goes on with it. More to try: docs/demo.md");
        screen.Line();

        void Command(string text) => screen.Line("    " + text);
        void Ctl(string text) => Command(commands.Ctl(text));
    }
}
