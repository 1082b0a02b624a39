using System.Text.RegularExpressions;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>Reads a chart's description. Pure.</summary>
internal static partial class ChartFile
{
    public const string Name = "Chart.yaml";

    /// <summary>Where charts of the old format keep their dependencies.</summary>
    public const string Requirements = "requirements.yaml";

    public static IReadOnlyList<ChartDependency> DependenciesOf(TreeMap root) =>
    [
        .. (root.List("dependencies")?.Items ?? []).OfType<TreeMap>()
            .Select(item => new ChartDependency(item.Text("name") ?? "", item.Text("version") ?? "", item.Text("repository") ?? "")),
    ];

    /// <summary>Whether the chart has it in charts/, unpacked or packed.</summary>
    /// <param name="files">Paths relative to the chart.</param>
    public static bool Has(IReadOnlyList<TreeEntry> files, ChartDependency dependency)
    {
        var (unpacked, packed) = ($"charts/{dependency.Name}/", $"charts/{dependency.Name}-");
        return files.Any(file => file.Path.StartsWith(unpacked, StringComparison.Ordinal)
            || (file.Path.StartsWith(packed, StringComparison.Ordinal) && IsArchive(file.Path)));
    }

    public static bool IsArchive(string path) => path.EndsWith(".tgz", StringComparison.Ordinal) || path.EndsWith(".tar.gz", StringComparison.Ordinal);

    public static bool IsFetchable(ChartDependency dependency) =>
        dependency.Repository.StartsWith("https://", StringComparison.Ordinal) || dependency.Repository.StartsWith("http://", StringComparison.Ordinal)
        || dependency.Repository.StartsWith("oci://", StringComparison.Ordinal);

    /// <summary>Whether it is a name that can't lead elsewhere in a URL.</summary>
    public static bool IsName(string name) => PlainName().IsMatch(name);

    public static bool IsExact(ChartDependency dependency) => ExactVersion().IsMatch(dependency.Version);

    /// <summary>Whether a template calls what gives another result each time.</summary>
    public static bool IsVolatile(string template) => template.Contains("{{", StringComparison.Ordinal) && VolatileFunction().IsMatch(template);

    /// <summary>Whether the files of a chart, and values for it, look at the cluster's version or kinds.</summary>
    public static bool AsksCluster(IEnumerable<(string Name, string Text)> files)
    {
        var root = new TemplateRoot();
        foreach (var (name, text) in files)
        {
            if (text.Contains("Capabilities", StringComparison.Ordinal)) return true;
            // A key may be written with escapes.
            if (name == Name && (text.Contains("kubeVersion", StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal))) return true;
            root.Read(text);
        }
        return root.IsUsed;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,249}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();

    [GeneratedRegex(@"^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ExactVersion();

    [GeneratedRegex(@"\b(rand(Alpha|AlphaNum|Numeric|Ascii|Bytes|Int)|uuidv4|gen(CA|PrivateKey|SelfSignedCert|SignedCert)\w*|htpasswd|bcrypt|encryptAES|shuffle|now|ago|date\w*|htmlDate\w*|duration\w*)\b", RegexOptions.CultureInvariant)]
    private static partial Regex VolatileFunction();
}
