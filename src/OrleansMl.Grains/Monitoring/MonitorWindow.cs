using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <summary>Which predictions a window holds, in bounded memory: first and last row, times, versions, the newest ids.</summary>
internal sealed class MonitorWindow
{
    private const int MaxIds = 10;
    private const int MaxVersions = 32;

    private readonly List<string> _ids = [];
    private readonly SortedSet<int> _versions = [];

    public long FirstRow { get; private set; }

    public long Rows { get; private set; }

    public DateTime From { get; private set; }

    public DateTime To { get; private set; }

    public ImmutableArray<int> Versions => [.. _versions];

    /// <summary>Newest last.</summary>
    public ImmutableArray<string> Ids => [.. _ids];

    public void Add(PredictionRecord prediction, long row)
    {
        if (Rows++ == 0)
            (FirstRow, From, To) = (row, prediction.Time, prediction.Time);
        (From, To) = (prediction.Time < From ? prediction.Time : From, prediction.Time > To ? prediction.Time : To);
        if (_ids.Count == MaxIds)
            _ids.RemoveAt(0);
        _ids.Add(prediction.PredictionId);
        if (_versions.Count < MaxVersions)
            _versions.Add(prediction.Version);
    }

    /// <summary>This window and the one after it as one.</summary>
    public MonitorWindow Then(MonitorWindow next)
    {
        var both = new MonitorWindow();
        foreach (var part in (MonitorWindow[])[this, next])
        {
            if (part.Rows == 0)
                continue;
            if (both.Rows == 0)
                (both.FirstRow, both.From, both.To) = (part.FirstRow, part.From, part.To);
            both.Rows += part.Rows;
            (both.From, both.To) = (part.From < both.From ? part.From : both.From, part.To > both.To ? part.To : both.To);
            both._ids.AddRange(part._ids);
            both._versions.UnionWith(part._versions);
        }

        both._ids.RemoveRange(0, Math.Max(0, both._ids.Count - MaxIds));
        return both;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(FirstRow);
        writer.Write(Rows);
        writer.Write(From.Ticks);
        writer.Write(To.Ticks);
        writer.Write(_ids.Count);
        foreach (var id in _ids)
            writer.Write(id);
        writer.Write(_versions.Count);
        foreach (var version in _versions)
            writer.Write(version);
    }

    public static MonitorWindow Read(BinaryReader reader)
    {
        var window = new MonitorWindow
        {
            FirstRow = reader.ReadInt64(),
            Rows = reader.ReadInt64(),
            From = new DateTime(reader.ReadInt64(), DateTimeKind.Utc),
            To = new DateTime(reader.ReadInt64(), DateTimeKind.Utc),
        };
        for (var ids = reader.ReadInt32(); ids > 0; ids--)
            window._ids.Add(reader.ReadString());
        for (var versions = reader.ReadInt32(); versions > 0; versions--)
            window._versions.Add(reader.ReadInt32());
        return window;
    }
}
