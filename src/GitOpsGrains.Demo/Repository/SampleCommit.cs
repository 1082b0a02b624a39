namespace GitOpsGrains.Demo.Repository;

/// <summary>One commit of the sample repository; its files are those below <c>Sample/FOLDER</c>.</summary>
/// <param name="Age">Before the start of the demo.</param>
internal sealed record SampleCommit(string Folder, string Author, string Email, TimeSpan Age, string Message)
{
    public IReadOnlyList<string> Deleted { get; init; } = [];

    public string? Tag { get; init; }

    /// <summary>The one application that it changes; "" where that doesn't matter.</summary>
    public string Application { get; init; } = "";

    /// <summary>What is there when the demo starts.</summary>
    public static IReadOnlyList<SampleCommit> Past { get; } =
    [
        new("1-platform", "Ada Park", "ada@shop.example.com", TimeSpan.FromDays(21), "Set up the platform of all clusters") { Tag = "monitoring/1.0.0" },
        new("2-shop", "Bob Lindgren", "bob@shop.example.com", TimeSpan.FromDays(14), "Open the shop (#3)"),
        new("3-orders", "Carol Weiss", "carol@shop.example.com", TimeSpan.FromDays(9), "Migrate the database before orders is rolled out (#7)"),
        new("4-search", "Bob Lindgren", "bob@shop.example.com", TimeSpan.FromDays(4), "Add search to the shops in the US (#12)"),
        new("5-payments", "Dan Okafor", "dan@shop.example.com", TimeSpan.FromHours(26), "Take payments in Europe (#15)"),
    ];

    /// <summary>What colleagues push, one after the other, once all of that runs.</summary>
    public static IReadOnlyList<SampleCommit> News { get; } =
    [
        new("6-web", "Bob Lindgren", "bob@shop.example.com", TimeSpan.Zero, "Release web 1.4 (#16)") { Application = "shop/web" },
        new("7-cart", "Carol Weiss", "carol@shop.example.com", TimeSpan.Zero, "Keep carts for two weeks, and nothing in memcached (#17)") { Application = "shop/cart", Deleted = ["shop/cart/legacy.yaml"] },
    ];
}
