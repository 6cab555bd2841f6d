namespace OrleansMl.Features;

/// <summary>Turns views into series and slots: views over one source share its rows.</summary>
internal static class FoldPlanCompiler
{
    public static FoldPlan Compile(EntityDefinition entity, ViewDefinition[] views, TimeSpan readBack)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(readBack, TimeSpan.Zero);
        foreach (var view in views)
        {
            foreach (var feature in view.Features)
            {
                Check(view, feature);
            }
        }

        var sources = views.GroupBy(view => (Kind: KindOf(view.SourceKind), view.Source)).ToArray();
        var series = sources.Select(source => CompileSeries(source.Key.Kind, source.Key.Source, [.. source])).ToArray();
        var slots = new List<FeatureSlot>();
        foreach (var view in views)
        {
            var index = Array.FindIndex(sources, source => source.Key == (KindOf(view.SourceKind), view.Source));
            slots.AddRange(view.Features.Select(feature => CompileSlot(view, feature, index, series[index])));
        }

        string[] attributes = [.. entity.Attributes.Select(attribute => attribute.Name)];
        slots.AddRange(attributes.Select((name, index) => new FeatureSlot
        {
            Name = $"{entity.Name}.{name}",
            Source = SlotSource.Attribute,
            Index = index,
        }));
        slots.Add(new FeatureSlot { Name = $"{entity.Name}.id", Source = SlotSource.EntityId });
        var repeated = slots.GroupBy(slot => slot.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return repeated is null
            ? new FoldPlan(entity.Name, series, attributes, [.. slots], readBack)
            : throw new ArgumentException($"Entity type '{entity.Name}' declares '{repeated.Key}' {repeated.Count()} times; give each feature a name of its own.");
    }

    private static FoldRecordKind KindOf(ViewSourceKind kind) => kind == ViewSourceKind.Outcome ? FoldRecordKind.Outcome : FoldRecordKind.Event;

    private static void Check(ViewDefinition view, FeatureDefinition feature)
    {
        var name = $"{view.Name}:{feature.Name}";
        if (feature.Field is null && feature.Aggregation != Aggregation.Count)
        {
            throw new ArgumentException($"Feature '{name}' aggregates by {feature.Aggregation} but names no field; only count needs none.");
        }

        if (feature.Window is { } window && window <= TimeSpan.Zero)
        {
            throw new ArgumentException($"Feature '{name}' has a window of {window}; a window is longer than zero.");
        }

        if (feature.Offset < 0)
        {
            throw new ArgumentException($"Feature '{name}' has offset {feature.Offset}; 0 is the newest record, 1 the one before.");
        }

        if (view.Ttl is { } ttl && ttl < TimeSpan.Zero)
        {
            throw new ArgumentException($"View '{view.Name}' has a time to live of {ttl}; it cannot be negative.");
        }
    }

    private static SeriesPlan CompileSeries(FoldRecordKind kind, string type, ViewDefinition[] views)
    {
        var features = views.SelectMany(view => view.Features.Select(feature => (Feature: feature, view.Ttl))).ToArray();
        var unbounded = features.Where(f => f.Feature.Window is null).Select(f => f.Feature).ToArray();
        string[] columns = [.. features.Where(f => f.Feature.Aggregation != Aggregation.Count).Select(f => f.Feature.Field!).Distinct().Order(StringComparer.Ordinal)];
        var keepsAllRows = kind == FoldRecordKind.Outcome && unbounded.Any(feature => feature.Aggregation != Aggregation.Last);
        var index = columns.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var isEvent = kind == FoldRecordKind.Event;
        return new SeriesPlan
        {
            Kind = kind,
            Type = type,
            Columns = columns,
            ColumnIndex = index,
            LongestWindow = features.Max(f => f.Feature.Window?.Ticks) ?? 0,
            Lasts = [.. columns.Select(column => isEvent
                ? unbounded.Where(f => f.Aggregation == Aggregation.Last && f.Field == column).Select(f => f.Offset + 1).DefaultIfEmpty(0).Max()
                : 0)],
            Distinct = [.. columns.Select(column => isEvent && unbounded.Any(f => f.Aggregation == Aggregation.Distinct && f.Field == column))],
            KeepsAllRows = keepsAllRows,
            Demands = isEvent || keepsAllRows ? [] : [.. features.SelectMany(f => DemandsOf(f.Feature, f.Ttl, index)).Distinct()],
        };
    }

    private static IEnumerable<SeriesPlan.Demand> DemandsOf(FeatureDefinition feature, TimeSpan? ttl, Dictionary<string, int> columns)
    {
        var column = feature.Aggregation == Aggregation.Count ? FeatureSlot.Rows : columns[feature.Field!];
        if (feature is { Aggregation: Aggregation.Last, Window: null })
        {
            yield return new SeriesPlan.Demand(column, Numeric: false, feature.Offset + 1);
        }
        else if (ttl is not null)
        {
            var numeric = feature.Aggregation is Aggregation.Sum or Aggregation.Mean or Aggregation.Min or Aggregation.Max;
            yield return new SeriesPlan.Demand(column, numeric, 1);
        }
    }

    private static FeatureSlot CompileSlot(ViewDefinition view, FeatureDefinition feature, int index, SeriesPlan series) => new()
    {
        Name = $"{view.Name}:{feature.Name}",
        Source = SlotSource.Series,
        Index = index,
        Column = feature.Aggregation == Aggregation.Count ? FeatureSlot.Rows : series.ColumnIndex[feature.Field!],
        Aggregation = feature.Aggregation,
        Offset = feature.Aggregation == Aggregation.Last ? feature.Offset : 0,
        Window = feature.Window?.Ticks ?? 0,
        Tumbling = feature.Tumbling,
        Ttl = view.Ttl?.Ticks,
        Default = feature.Default switch
        {
            null => FieldValue.Missing,
            double number => FieldValue.Of(number),
            string text => FieldValue.Of(text),
            bool truth => FieldValue.Of(truth),
            var other => throw new ArgumentException($"Feature '{view.Name}:{feature.Name}' has a default of type {other.GetType().Name}; a default is a double, a string or a bool."),
        },
    };
}
