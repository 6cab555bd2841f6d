namespace OrleansMl.Features.Tests;

/// <summary>The definition of a read, computed record by record from the log, with no thought of speed.</summary>
internal static class Oracle
{
    public static FeatureRead Read(IEnumerable<FoldRecord> log, ViewDefinition view, FeatureDefinition feature, DateTime at)
    {
        var kind = view.SourceKind == ViewSourceKind.Event ? FoldRecordKind.Event : FoldRecordKind.Outcome;
        var visible = log.Where(r => r.Kind == kind && r.Type == view.Source && r.EventTime <= at);
        if (kind == FoldRecordKind.Outcome)
        {
            visible = visible.GroupBy(r => r.Id).Select(revisions => revisions.MaxBy(r => r.Revision));
        }

        var isNumeric = feature.Aggregation is Aggregation.Sum or Aggregation.Mean or Aggregation.Min or Aggregation.Max;
        var contributing = visible
            .OrderBy(r => r.EventTime).ThenBy(r => r.Sequence)
            .Select(r => (r.EventTime, Value: ValueOf(r, feature)))
            .Where(r => feature.Aggregation == Aggregation.Count || (isNumeric ? r.Value.IsNumeric : !r.Value.IsMissing))
            .ToList();
        if (contributing.Count == 0)
        {
            return Absent(feature, FeatureReadStatus.Missing, null);
        }

        var newest = contributing[^1].EventTime;
        if (view.Ttl is { } ttl && at - newest > ttl)
        {
            return Absent(feature, FeatureReadStatus.Expired, newest);
        }

        var window = contributing.Where(r => InWindow(r.EventTime, feature, at)).ToList();
        if (window.Count <= (feature.Aggregation == Aggregation.Last ? feature.Offset : 0))
        {
            return Absent(feature, FeatureReadStatus.Missing, null);
        }

        var numbers = window.Select(r => r.Value.AsNumber());
        var value = feature.Aggregation switch
        {
            Aggregation.Count => FieldValue.Of((double)window.Count),
            Aggregation.Sum => FieldValue.Of(numbers.Sum()),
            Aggregation.Mean => FieldValue.Of(numbers.Average()),
            Aggregation.Min => FieldValue.Of(numbers.Min()),
            Aggregation.Max => FieldValue.Of(numbers.Max()),
            Aggregation.Last => window[^(1 + feature.Offset)].Value,
            _ => FieldValue.Of((double)window.Select(r => r.Value).Distinct().Count()),
        };
        var time = feature.Aggregation == Aggregation.Last ? window[^(1 + feature.Offset)].EventTime : window[^1].EventTime;
        return new FeatureRead(value, FeatureReadStatus.Present, time, UsedDefault: false);
    }

    public static FeatureRead ReadAttribute(IEnumerable<FoldRecord> log, string name, DateTime at)
    {
        var newest = log
            .Where(r => r.Kind == FoldRecordKind.Attributes && r.EventTime <= at)
            .SelectMany(r => r.Fields.ToArray().Where(f => f.Name == name).Select(f => (r.EventTime, r.Sequence, f.Value)))
            .OrderBy(r => r.EventTime).ThenBy(r => r.Sequence)
            .LastOrDefault();
        return newest.Value.IsMissing
            ? new FeatureRead(FieldValue.Missing, FeatureReadStatus.Missing, null, UsedDefault: false)
            : new FeatureRead(newest.Value, FeatureReadStatus.Present, newest.EventTime, UsedDefault: false);
    }

    private static bool InWindow(DateTime time, FeatureDefinition feature, DateTime at)
    {
        if (feature.Window is not { } window)
        {
            return true;
        }

        return feature.Tumbling
            ? time >= DateTime.UnixEpoch + (Math.Floor((at - DateTime.UnixEpoch) / window) * window)
            : time > at - window;
    }

    private static FieldValue ValueOf(FoldRecord record, FeatureDefinition feature) =>
        record.Fields.ToArray().FirstOrDefault(f => f.Name == feature.Field).Value;

    private static FeatureRead Absent(FeatureDefinition feature, FeatureReadStatus status, DateTime? time) => feature.Default switch
    {
        double number => new FeatureRead(FieldValue.Of(number), status, time, UsedDefault: true),
        _ => new FeatureRead(FieldValue.Missing, status, time, UsedDefault: false),
    };
}
