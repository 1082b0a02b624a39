namespace GitOpsGrains.Documents.Parsing;

/// <summary>Collects faults up to a limit, each with the document at hand.</summary>
internal sealed class FaultList(int limit)
{
    private readonly List<DocumentFault> _faults = [];
    private bool _more;
    private int? _document;
    private string? _kind;
    private string? _name;
    private int _first;

    public IReadOnlyList<DocumentFault> Faults =>
        _more ? [.. _faults, new DocumentFault { Message = $"more than {limit} faults; the rest is not listed" }] : _faults;

    /// <summary>Whether the document at hand has one.</summary>
    public bool HasOfDocument { get; private set; }

    /// <summary>The next faults are of this document.</summary>
    public void Start(int? document)
    {
        (_document, _kind, _name) = (document, null, null);
        (_first, HasOfDocument) = (_faults.Count, false);
    }

    /// <summary>Says what the document at hand is, also in its faults so far.</summary>
    public void Describe(string? kind, string? name)
    {
        (_kind, _name) = (kind, name);
        for (var i = _first; i < _faults.Count; i++) _faults[i] = _faults[i] with { Kind = kind, Name = name };
    }

    public void Add(string path, string message, int? line = null)
    {
        HasOfDocument = true;
        if (_faults.Count >= limit)
        {
            _more = true;
            return;
        }

        _faults.Add(new DocumentFault { Document = _document, Kind = _kind, Name = _name, Line = line, Path = path, Message = message });
    }
}
