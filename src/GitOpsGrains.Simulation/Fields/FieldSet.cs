using System.Buffers;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>
/// A set of fields as a tree. Names of steps are those of "FieldsV1": f:name, k:{"name":"a"}, v:"a". Sets are values: the
/// operations make new ones and may share parts with their operands. Steps are sorted, so that two sets are worked off in one pass.
/// </summary>
internal sealed class FieldSet
{
    public static readonly FieldSet Empty = new(false, []);

    private static readonly FieldSet Leaf = new(true, []);

    private readonly FieldStep[] _steps;

    private FieldSet(bool isMember, FieldStep[] steps) => (IsMember, _steps) = (isMember, steps);

    public bool IsMember { get; }

    public bool IsEmpty => !IsMember && _steps.Length == 0;

    public ReadOnlySpan<FieldStep> Steps => _steps;

    public static FieldSet Of(bool isMember, FieldSetBuilder steps) => Of(isMember, steps.Build());

    /// <param name="steps">Sorted.</param>
    public static FieldSet Of(bool isMember, FieldStep[] steps) =>
        steps.Length > 0 ? new FieldSet(isMember, steps) : isMember ? Leaf : Empty;

    public FieldSet? Child(string step)
    {
        var at = IndexOf(step);
        return at >= 0 ? _steps[at].Fields : null;
    }

    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other)) return this;
        if (IsEmpty) return other;
        var all = new FieldSetBuilder(Math.Max(_steps.Length, other._steps.Length));
        var (left, right) = (0, 0);
        while (left < _steps.Length || right < other._steps.Length)
        {
            var order = left == _steps.Length ? 1 : right == other._steps.Length ? -1 : string.CompareOrdinal(_steps[left].Step, other._steps[right].Step);
            if (order < 0) all.Add(_steps[left++]);
            else if (order > 0) all.Add(other._steps[right++]);
            else all.Add(_steps[left].Step, _steps[left++].Fields.Union(other._steps[right++].Fields));
        }

        return Of(IsMember || other.IsMember, all);
    }

    public FieldSet Without(FieldSet other) => IsEmpty || other.IsEmpty ? this : Keep(other, IsMember && !other.IsMember, static (mine, theirs, _) => mine.Without(theirs), isWithout: true);

    /// <summary>Without what others own, and without maps in which they own something; an item of a list is held only by who owns the item itself.</summary>
    public FieldSet WithoutHeld(FieldSet owned, bool isItem = false) =>
        Keep(owned, IsMember && !owned.IsMember && (isItem || owned.IsEmpty), static (mine, theirs, step) => mine.WithoutHeld(theirs, step[0] != 'f'), isWithout: true);

    public FieldSet Intersect(FieldSet other) => Keep(other, IsMember && other.IsMember, static (mine, theirs, _) => mine.Intersect(theirs), isWithout: false);

    /// <summary>Without a step and all below it.</summary>
    public FieldSet Drop(params ReadOnlySpan<string> path)
    {
        var at = IndexOf(path[0]);
        if (at < 0) return this;
        var rest = path.Length == 1 ? Empty : _steps[at].Fields.Drop(path[1..]);
        return Replace(at, rest);
    }

    /// <summary>Without some of the steps below one step.</summary>
    public FieldSet DropBelow(string step, IReadOnlySet<string> names)
    {
        var at = IndexOf(step);
        if (at < 0) return this;
        var below = _steps[at].Fields;
        return below._steps.Any(child => names.Contains(child.Step))
            ? Replace(at, Of(below.IsMember, below._steps.Where(child => !names.Contains(child.Step)).ToArray())) : this;
    }

    /// <summary>As a server writes the path in a message: .spec.containers[name="a"].image.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember) yield return prefix;
        foreach (var (step, child) in _steps)
            foreach (var path in child.Paths(prefix + FieldSteps.Text(step))) yield return path;
    }

    public bool SetEquals(FieldSet other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (IsMember != other.IsMember || _steps.Length != other._steps.Length) return false;
        for (var at = 0; at < _steps.Length; at++)
            if (_steps[at].Step != other._steps[at].Step || !_steps[at].Fields.SetEquals(other._steps[at].Fields)) return false;
        return true;
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        if (_steps.Length > 0)
        {
            if (IsMember) output.Write("\".\":{},"u8);
            for (var at = 0; at < _steps.Length; at++)
            {
                if (at > 0) output.Write(","u8);
                JsonText.Write(output, _steps[at].Step);
                output.Write(":"u8);
                _steps[at].Fields.WriteTo(output);
            }
        }

        output.Write("}"u8);
    }

    /// <summary>Errors: FormatException.</summary>
    public static FieldSet Parse(JsonNode? json) => Parse(json, isRoot: true);

    private static FieldSet Parse(JsonNode? json, bool isRoot)
    {
        if (json is not JsonObject fields) throw new FormatException("fieldsV1 is made of objects");
        if (fields.Count == 0) return isRoot ? Empty : Leaf;
        var steps = new FieldSetBuilder(fields.Count);
        var isMember = false;
        foreach (var (step, child) in fields)
        {
            if (step == ".") isMember = true;
            else if (step.Length < 2 || step[1] != ':') throw new FormatException("a step of fieldsV1 begins with its kind");
            else steps.Add(step, Parse(child, isRoot: false));
        }

        return Of(isMember, steps);
    }

    /// <summary>What is left of each child that both have; of the others all (without) or nothing (intersect).</summary>
    private FieldSet Keep(FieldSet other, bool isMember, Func<FieldSet, FieldSet, string, FieldSet> rest, bool isWithout)
    {
        FieldSetBuilder? kept = null;
        for (var (at, right) = (0, 0); at < _steps.Length; at++)
        {
            var (step, child) = _steps[at];
            while (right < other._steps.Length && string.CompareOrdinal(other._steps[right].Step, step) < 0) right++;
            var isShared = right < other._steps.Length && other._steps[right].Step == step;
            var left = isShared ? rest(child, other._steps[right].Fields, step) : isWithout ? child : Empty;
            if (kept is null && ReferenceEquals(left, child)) continue;
            if (kept is null)
            {
                kept = new FieldSetBuilder(_steps.Length);
                for (var before = 0; before < at; before++) kept.Add(_steps[before]);
            }

            if (!left.IsEmpty) kept.Add(step, left);
        }

        if (kept is not null) return Of(isMember, kept);
        return isMember == IsMember ? this : Of(isMember, _steps);
    }

    private FieldSet Replace(int at, FieldSet fields)
    {
        if (fields.IsEmpty) return Of(IsMember, [.. _steps[..at], .. _steps[(at + 1)..]]);
        var steps = (FieldStep[])_steps.Clone();
        steps[at] = new FieldStep(steps[at].Step, fields);
        return Of(IsMember, steps);
    }

    private int IndexOf(string step)
    {
        var (low, high) = (0, _steps.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_steps[middle].Step, step);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }
}
