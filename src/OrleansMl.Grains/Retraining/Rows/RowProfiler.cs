using OrleansMl.Declaration;
using OrleansMl.Evaluations;

namespace OrleansMl.Retraining;

/// <summary>Looks at rows as they go by.</summary>
internal sealed class RowProfiler(RetrainPlan plan)
{
    private readonly Scalar?[] _first = new Scalar?[plan.Model.Definition.Columns.Length];
    private readonly bool[] _varies = new bool[plan.Model.Definition.Columns.Length];
    private double? _label;
    private bool _labelVaries;
    private int _rows, _positives;
    private DateTime _from = DateTime.MaxValue, _to = DateTime.MinValue;

    public void Add(in SourceRow row)
    {
        _rows++;
        _labelVaries |= (_label ??= row.Label) != row.Label;
        if (plan.Target.Type == TargetType.Binary && row.Label > 0.5)
            _positives++;
        (_from, _to) = (row.Made < _from ? row.Made : _from, row.Made > _to ? row.Made : _to);
        for (var i = 0; i < _varies.Length; i++)
            _varies[i] = _varies[i] || (_first[i] ??= row.Vector[i]) != row.Vector[i];
    }

    public RowProfile Build() => new(
        _rows,
        plan.Target.Type == TargetType.Binary ? _rows - _positives : 0,
        _positives,
        !_labelVaries,
        [.. plan.Model.Definition.Columns.Where((_, i) => !_varies[i]).Select(column => column.Name)],
        _rows == 0 ? default : _from,
        _rows == 0 ? default : _to);
}
