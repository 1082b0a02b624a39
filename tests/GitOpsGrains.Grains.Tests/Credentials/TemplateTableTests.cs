using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Credentials;

namespace GitOpsGrains.Grains.Tests.Credentials;

public sealed class TemplateTableTests
{
    [Fact]
    public async Task Find_WhileTheGrainIsHere_AsksNobody_AndSeesEachChange()
    {
        var table = new TemplateTable();
        // Without a factory of grains: a question to one would fail.
        var templates = new CredentialTemplates(null!, table);

        table.Current = new TemplateSnapshot([Document("ada")]);
        var before = await templates.FindAsync("https://example.com/team/app", CancellationToken.None);
        var again = await templates.FindAsync("https://example.com/team/app", CancellationToken.None);
        table.Current = new TemplateSnapshot([Document("bob")]);
        var after = await templates.FindAsync("https://example.com/team/app", CancellationToken.None);
        table.Current = new TemplateSnapshot([]);
        var gone = await templates.FindAsync("https://example.com/team/app", CancellationToken.None);

        Assert.Equal(("ada", "ada", "bob"), (before?.Credentials?.Username, again?.Credentials?.Username, after?.Credentials?.Username));
        Assert.Null(gone);
    }

    private static RepositoryCredentialsDocument Document(string user) => new()
    {
        Metadata = new DocumentMetadata { Name = "team" },
        Spec = new RepositoryCredentialsSpec { UrlPrefix = "https://example.com/team", Credentials = new CredentialsSpec { Username = user } },
    };
}
