using System.Text.Json;
using System.Text.Json.Nodes;

namespace GitOpsGrains.Documents.Fields;

/// <summary>Reads the expressions of JMESPath that name places; what computes values is a fault.</summary>
internal sealed class JmesReader(string text)
{
    private readonly PathScanner _scanner = new(text);

    public List<FieldStep> Read()
    {
        _scanner.SkipSpace();
        var steps = ReadSteps();
        _scanner.SkipSpace();
        if (_scanner.IsAtEnd) return steps;
        throw _scanner.Current switch
        {
            '|' => _scanner.Fault("a pipe is not supported: a path names places in the object"),
            '-' => _scanner.Fault("a key with '-' is written in quotes: \"a-b\""),
            '(' => _scanner.Fault("functions compute values: a path names places in the object"),
            _ => _scanner.Unexpected(),
        };
    }

    private List<FieldStep> ReadSteps()
    {
        var steps = new List<FieldStep>();
        if (_scanner.Current == '@') _scanner.Take("@");
        else if (_scanner.Current != '[') steps.Add(ReadName());
        while (true)
        {
            if (_scanner.Current == '[')
            {
                steps.AddRange(ReadBracket());
            }
            else if (_scanner.Current == '.')
            {
                _scanner.Take(".");
                if (_scanner.Current is '[' or '{') throw _scanner.Fault("lists and mappings of expressions are not supported");
                steps.Add(ReadName());
            }
            else
            {
                return steps;
            }
        }
    }

    private FieldStep ReadName()
    {
        if (_scanner.Current == '"') return new FieldStep.Name(_scanner.TakeQuoted());
        if (_scanner.Current == '*')
        {
            _scanner.Take("*");
            return new FieldStep.Each(OfListsOnly: false);
        }

        return _scanner.IsAtWord ? new FieldStep.Name(_scanner.TakeWord()) : throw _scanner.Unexpected();
    }

    private List<FieldStep> ReadBracket()
    {
        _scanner.Take("[");
        List<FieldStep> steps;
        if (_scanner.TryTake("?"))
        {
            steps = [new FieldStep.Each(OfListsOnly: true), new FieldStep.Where(_scanner.Nested(ReadOr))];
        }
        else
        {
            _scanner.SkipSpace();
            if (_scanner.TryTake("*") || _scanner.Current == ']') steps = [new FieldStep.Each(OfListsOnly: true)];
            else steps = [new FieldStep.Index(_scanner.TakeInteger())];
        }

        _scanner.SkipSpace();
        if (_scanner.Current == ':') throw _scanner.Fault("ranges of items are not supported");
        _scanner.Take("]");
        return steps;
    }

    private FieldTest ReadOr()
    {
        var left = ReadAnd();
        while (_scanner.TryTake("||")) left = new FieldTest.Any(left, ReadAnd());
        return left;
    }

    private FieldTest ReadAnd()
    {
        var left = ReadUnary();
        while (_scanner.TryTake("&&")) left = new FieldTest.All(left, ReadUnary());
        return left;
    }

    private FieldTest ReadUnary()
    {
        _scanner.SkipSpace();
        if (_scanner.Current == '!' && _scanner.Next != '=')
        {
            _scanner.Take("!");
            return new FieldTest.Not(_scanner.Nested(ReadUnary));
        }

        if (!_scanner.TryTake("(")) return ReadComparison();
        var inner = _scanner.Nested(ReadOr);
        _scanner.Take(")");
        return inner;
    }

    private FieldTest ReadComparison()
    {
        foreach (var (word, relation) in (ReadOnlySpan<(string, TextRelation)>)
            [("starts_with", TextRelation.StartsWith), ("ends_with", TextRelation.EndsWith), ("contains", TextRelation.Contains)])
            if (_scanner.TryTakeWord(word))
                return ReadFunction(relation);
        if (TryReadLiteral() is { } first)
        {
            var equal = ReadOperator();
            return Comparison(ReadSteps(), equal, first);
        }

        var steps = ReadSteps();
        _scanner.SkipSpace();
        if (_scanner.Current == '(') throw _scanner.Fault("the function is not supported: only starts_with, ends_with and contains are");
        if (_scanner.Current is not ('=' or '!')) return _scanner.Current is '<' or '>' ? throw _scanner.Fault("only == and != compare") : new FieldTest.Truth(steps);
        var isEqual = ReadOperator();
        return Comparison(steps, isEqual, TryReadLiteral() ?? throw _scanner.Fault("expected a literal: 'text' or `json`"));
    }

    private bool ReadOperator()
    {
        var isEqual = _scanner.TryTake("==");
        if (!isEqual) _scanner.Take("!=");
        _scanner.SkipSpace();
        return isEqual;
    }

    private static FieldTest Comparison(List<FieldStep> steps, bool isEqual, string json) =>
        isEqual ? new FieldTest.Equal(steps, json) : new FieldTest.Not(new FieldTest.Equal(steps, json));

    private FieldTest.Text ReadFunction(TextRelation relation)
    {
        _scanner.Take("(");
        _scanner.SkipSpace();
        var steps = ReadSteps();
        _scanner.Take(",");
        var start = _scanner.At;
        var literal = TryReadLiteral() ?? throw _scanner.Fault("expected a literal: 'text' or `json`");
        _scanner.Take(")");
        return PathScanner.Json(literal, start) is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? new FieldTest.Text(steps, relation, value.GetValue<string>())
            : throw new FieldPathException(start, "expected a text");
    }

    private string? TryReadLiteral()
    {
        _scanner.SkipSpace();
        var start = _scanner.At;
        if (_scanner.Current == '\'') return JsonValue.Create(_scanner.TakeMarked('\'')).ToJsonString();
        if (_scanner.Current != '`') return null;
        var node = PathScanner.Json(_scanner.TakeMarked('`').Trim(), start);
        return node is null or JsonValue ? node?.ToJsonString() ?? "null" : throw new FieldPathException(start, "expected a text, a number, true, false or null");
    }
}
