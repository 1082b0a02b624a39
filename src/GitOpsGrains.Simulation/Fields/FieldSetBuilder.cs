namespace GitOpsGrains.Simulation.Fields;

/// <summary>A step and what is owned below it.</summary>
internal readonly record struct FieldStep(string Step, FieldSet Fields);

/// <summary>Collects steps in any order. Of a step that comes twice the last counts.</summary>
internal sealed class FieldSetBuilder(int capacity = 4)
{
    private FieldStep[] _steps = capacity == 0 ? [] : new FieldStep[capacity];
    private int _count;
    private bool _isSorted = true;

    public void Add(string step, FieldSet fields) => Add(new FieldStep(step, fields));

    public void Add(FieldStep step)
    {
        if (_count > 0 && string.CompareOrdinal(_steps[_count - 1].Step, step.Step) >= 0) _isSorted = false;
        if (_count == _steps.Length) Array.Resize(ref _steps, Math.Max(4, _count * 2));
        _steps[_count++] = step;
    }

    public FieldStep[] Build()
    {
        if (!_isSorted) Sort();
        if (_count != _steps.Length) Array.Resize(ref _steps, _count);
        return _steps;
    }

    private void Sort()
    {
        // The places of equal steps tell which came last.
        var places = new int[_count];
        for (var at = 0; at < _count; at++) places[at] = at;
        var unsorted = _steps.AsSpan(0, _count).ToArray();
        places.AsSpan().Sort((left, right) => string.CompareOrdinal(unsorted[left].Step, unsorted[right].Step) is not 0 and var order ? order : left - right);
        var kept = 0;
        foreach (var place in places)
        {
            if (kept > 0 && _steps[kept - 1].Step == unsorted[place].Step) kept--;
            _steps[kept++] = unsorted[place];
        }

        _count = kept;
        _isSorted = true;
    }
}
