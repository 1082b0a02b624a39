using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>
/// YamlDotNet's parser with one kind of error: on some damaged streams its scanner fails with exceptions of its own state
/// (InvalidOperationException in ScanPlainScalar) instead of a <see cref="YamlException"/>.
/// </summary>
internal sealed class GuardedParser(TextReader text) : IParser
{
    private readonly Parser _parser = new(new Scanner(text, skipComments: true));

    public ParsingEvent? Current => _parser.Current;

    public bool MoveNext()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException or OverflowException or FormatException)
        {
            var at = _parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "the text can't be read as YAML from here on", broken);
        }
    }
}
