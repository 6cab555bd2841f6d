using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>Reads what a monitor by a statistic is made of: threshold, chunks and reference, three choices apart.</summary>
internal static class MonitorStatisticReader
{
    private const int DefaultChunk = 500;
    private const int DefaultReference = 1000;
    private const int MaxRows = 1_000_000;

    /// <summary>Values that are held while a reference is fitted: rows times columns, 32 MiB.</summary>
    private const int MaxReferenceValues = 1 << 22;

    /// <summary>Chunks of the reference that their own spread is taken of, at least.</summary>
    private const int LeastChunks = 5;

    public static MonitorDefinition Read(MapReader map, MonitorDefinition monitor, DriftStatisticKind statistic)
    {
        var threshold = map["threshold"] is { } node ? Threshold(node, map, statistic) : null;
        if (!map.Has("threshold"))
            map.Node.Fault("missing_key", "The key 'threshold' is missing; a monitor by a statistic needs it: {constant: x}, {alpha: p} or {deviations: k}.");
        monitor = monitor with
        {
            Threshold = threshold ?? monitor.Threshold,
            Chunk = map["chunk"] is { } chunk ? Chunk(chunk) : new MonitorChunk(DefaultChunk, null),
            Reference = map["reference"] is { } reference ? Reference(reference) : new MonitorReference(DefaultReference, null, null),
            Persistence = map["persistence"]?.Int(1, 1000) ?? 1,
        };
        Agree(map, monitor);
        return monitor;
    }

    private static MonitorThreshold? Threshold(NodeReader node, MapReader monitor, DriftStatisticKind statistic)
    {
        if (node.Map(Shapes.MonitorThreshold) is not { } map)
            return null;
        switch (map.OneOf("when the statistic is drift", "constant", "alpha", "deviations"))
        {
            case "constant":
                return new MonitorThreshold(map["constant"]!.Value.Number(0, 1e12), null, null);
            case "deviations":
                return new MonitorThreshold(null, null, map["deviations"]!.Value.Number(0, 1000, open: true));
            case "alpha":
                if (statistic is not (DriftStatisticKind.ChiSquare or DriftStatisticKind.KolmogorovSmirnov))
                    map.Key("alpha").Fault("conflict", $"{monitor["statistic"]!.Value.Said()} has no p-value: give {{constant: …}} or {{deviations: …}}, or take chi_square or kolmogorov_smirnov.");
                return new MonitorThreshold(null, map["alpha"]!.Value.Number(0, 1, open: true), null);
            default:
                return null;
        }
    }

    private static MonitorChunk Chunk(NodeReader node)
    {
        if (node.Map(Shapes.MonitorChunk) is not { } map)
            return new MonitorChunk(DefaultChunk, null);
        return map.OneOf("where a chunk ends", "rows", "period") == "period"
            ? new MonitorChunk(null, map["period"]!.Value.Duration())
            : new MonitorChunk(map["rows"]?.Int(10, MaxRows), null);
    }

    private static MonitorReference Reference(NodeReader node)
    {
        if (node.Map(Shapes.MonitorReference) is not { } map)
            return new MonitorReference(DefaultReference, null, null);
        if (map.Has("from") || map.Has("to"))
        {
            foreach (var key in (string[])["from", "to"])
            {
                if (!map.Has(key))
                    node.Fault("missing_key", $"The key '{key}' is missing; a reference of a time needs 'from' and 'to'.");
            }

            if (map.Has("rows"))
                map.Key("rows").Fault("conflict", "'rows' counts the first rows that come, and 'from' and 'to' name a time that is over; keep one of the two.");
            var (from, to) = (map["from"] is { } start ? ReplayReader.Time(start) : null, map["to"] is { } end ? ReplayReader.Time(end) : null);
            if (from >= to)
                map["to"]!.Value.Fault("out_of_range", $"{map["to"]!.Value.Said()} is not after 'from'; swap the two.");
            return new MonitorReference(null, from, to);
        }

        return new MonitorReference(map["rows"]?.Int(50, MaxRows) ?? DefaultReference, null, null);
    }

    private static void Agree(MapReader map, MonitorDefinition monitor)
    {
        var place = map["reference"] ?? map["statistic"]!.Value;
        var columns = Math.Max(1, monitor.Columns.Length);
        if (monitor.Reference.Rows is { } rows && (long)rows * columns > MaxReferenceValues)
            place.Fault("too_many", $"A reference of {rows} rows of {columns} columns is more than {MaxReferenceValues} values: take at most {MaxReferenceValues / columns} rows, or fewer columns.");
        if (monitor.Threshold.Deviations is null)
            return;
        if (monitor.Chunk.Period is not null)
            map["chunk"]!.Value.Fault("conflict", "Deviations are those between the reference's own chunks of equal size: give the chunk as {rows: …}, or the threshold as {constant: …}.");
        else if (monitor.Reference.Rows is { } reference && monitor.Chunk.Rows is { } chunk && reference < LeastChunks * chunk)
            place.Fault("out_of_range", $"A reference of {reference} rows has fewer than {LeastChunks} chunks of {chunk} rows, too few for their deviations: give it at least {LeastChunks * chunk} rows, or smaller chunks.");
    }
}
