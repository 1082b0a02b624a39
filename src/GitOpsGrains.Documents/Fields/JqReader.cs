using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Documents.Fields;

/// <summary>Reads the paths of jq; what computes values instead of naming places is a fault.</summary>
internal sealed class JqReader(string text)
{
    private const int MaxExpression = 256;

    private readonly PathScanner _scanner = new(text);

    public List<FieldStep> Read()
    {
        var steps = ReadPipe();
        return _scanner.IsAtEnd ? steps : throw Stray();
    }

    private List<FieldStep> ReadPipe()
    {
        var steps = ReadTerm();
        while (_scanner.TryTake("|")) steps.AddRange(ReadTerm());
        _scanner.SkipSpace();
        return steps;
    }

    private List<FieldStep> ReadTerm()
    {
        _scanner.SkipSpace();
        List<FieldStep> steps;
        if (_scanner.TryTake("("))
        {
            steps = _scanner.Nested(ReadPipe);
            _scanner.Take(")");
        }
        else if (_scanner.TryTakeWord("select"))
        {
            _scanner.Take("(");
            steps = [new FieldStep.Where(_scanner.Nested(ReadTest))];
            _scanner.Take(")");
        }
        else if (_scanner.Current == '.')
        {
            return ReadPath();
        }
        else
        {
            throw _scanner.IsAtWord ? _scanner.Fault($"'{_scanner.TakeWord()}' names no place in an object") : _scanner.Unexpected();
        }

        steps.AddRange(ReadSuffixes());
        return steps;
    }

    /// <summary>From the first dot on: <c>.</c>, <c>.a</c>, <c>."a"</c>, <c>.[0]</c>, and what follows.</summary>
    private List<FieldStep> ReadPath()
    {
        if (_scanner.Next is '.' or '\0' or ' ' or '|' or ')' or '[')
        {
            if (_scanner.Next == '.') throw _scanner.Fault("'..' is not supported: name the way to the field");
            _scanner.Take(".");
            return ReadSuffixes();
        }

        return ReadSuffixes();
    }

    private List<FieldStep> ReadSuffixes()
    {
        var steps = new List<FieldStep>();
        while (true)
        {
            switch (_scanner.Current)
            {
                case '.' when _scanner.Next == '[':
                    _scanner.Take(".");
                    break;
                case '.':
                    steps.Add(ReadName());
                    break;
                case '[':
                    steps.Add(ReadBracket());
                    break;
                case '?' when steps.Count > 0:
                    _scanner.Take("?");
                    break;
                case '-' when steps.Count > 0:
                    throw _scanner.Fault("a key with '-' is written in quotes: .\"a-b\"");
                default:
                    return steps;
            }
        }
    }

    private FieldStep.Name ReadName()
    {
        if (_scanner.Next == '.') throw _scanner.Fault("'..' is not supported: name the way to the field");
        _scanner.Take(".");
        if (_scanner.Current == '"') return new FieldStep.Name(_scanner.TakeQuoted());
        return _scanner.IsAtWord ? new FieldStep.Name(_scanner.TakeWord()) : throw _scanner.Unexpected();
    }

    private FieldStep ReadBracket()
    {
        _scanner.Take("[");
        _scanner.SkipSpace();
        FieldStep step;
        if (_scanner.Current == ']') step = new FieldStep.Each(OfListsOnly: false);
        else if (_scanner.Current == '"') step = new FieldStep.Name(_scanner.TakeQuoted());
        else step = new FieldStep.Index(_scanner.TakeInteger());
        _scanner.SkipSpace();
        if (_scanner.Current == ':') throw _scanner.Fault("ranges of items are not supported");
        _scanner.Take("]");
        return step;
    }

    /// <summary>A pipe binds less than everything else in jq, so what stands before it is its whole left side.</summary>
    private FieldTest ReadTest()
    {
        var (test, steps) = ReadOr();
        while (_scanner.TryTake("|"))
        {
            if (_scanner.TryTakeWord("not")) test = new FieldTest.Not(test);
            else if (steps is not null) test = ReadFunction(steps) ?? throw _scanner.Fault("expected test, startswith, endswith, contains, has or not");
            else throw _scanner.Fault("only 'not' can follow here; put parentheses around (.name | test(\"…\"))");
            steps = null;
        }

        return test;
    }

    private (FieldTest Test, List<FieldStep>? Steps) ReadOr()
    {
        var left = ReadAnd();
        while (_scanner.TryTakeWord("or")) left = (new FieldTest.Any(left.Test, ReadAnd().Test), null);
        return left;
    }

    private (FieldTest Test, List<FieldStep>? Steps) ReadAnd()
    {
        var left = ReadComparison();
        while (_scanner.TryTakeWord("and")) left = (new FieldTest.All(left.Test, ReadComparison().Test), null);
        return left;
    }

    private (FieldTest Test, List<FieldStep>? Steps) ReadComparison()
    {
        _scanner.SkipSpace();
        if (_scanner.TryTake("("))
        {
            var inner = _scanner.Nested(ReadTest);
            _scanner.Take(")");
            return (inner, null);
        }

        if (_scanner.Current != '.')
            return (ReadFunction([]) ?? throw (_scanner.IsAtWord ? _scanner.Fault($"the function '{_scanner.TakeWord()}' is not supported") : _scanner.Unexpected()), null);
        var steps = ReadPath();
        if (_scanner.TryTake("==")) return (new FieldTest.Equal(steps, ReadLiteral()), null);
        if (_scanner.TryTake("!=")) return (new FieldTest.Not(new FieldTest.Equal(steps, ReadLiteral())), null);
        return (new FieldTest.Truth(steps), steps);
    }

    private FieldTest? ReadFunction(List<FieldStep> steps)
    {
        if (_scanner.TryTakeWord("test")) return new FieldTest.Match(steps, ReadExpression());
        foreach (var (word, relation) in (ReadOnlySpan<(string, TextRelation)>)
            [("startswith", TextRelation.StartsWith), ("endswith", TextRelation.EndsWith), ("contains", TextRelation.Contains), ("has", TextRelation.HasKey)])
            if (_scanner.TryTakeWord(word))
                return new FieldTest.Text(steps, relation, ReadArgument());
        return null;
    }

    private string ReadArgument()
    {
        _scanner.Take("(");
        _scanner.SkipSpace();
        if (_scanner.Current != '"') throw _scanner.Fault("expected a text in double quotes");
        var value = _scanner.TakeQuoted();
        _scanner.Take(")");
        return value;
    }

    private Regex ReadExpression()
    {
        var start = _scanner.At;
        var expression = ReadArgument();
        if (expression.Length > MaxExpression) throw new FieldPathException(start, $"a regular expression is at most {MaxExpression} characters long");
        try
        {
            return new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new FieldPathException(start, "not a regular expression that runs in linear time (no look-around, no back references)");
        }
    }

    private string ReadLiteral()
    {
        _scanner.SkipSpace();
        return _scanner.Current == '"' ? JsonValue.Create(_scanner.TakeQuoted()).ToJsonString() : _scanner.TryTakeScalar() ?? throw _scanner.Fault("expected a text, a number, true, false or null");
    }

    private FieldPathException Stray() => _scanner.Current switch
    {
        ',' => _scanner.Fault("write one expression for each path"),
        '=' or '/' or '*' or '+' or '-' => _scanner.Fault("a path names places, it computes nothing"),
        _ => _scanner.Unexpected(),
    };
}
