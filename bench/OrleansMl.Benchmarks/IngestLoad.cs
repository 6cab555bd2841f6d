using System.Globalization;
using System.Text;

namespace OrleansMl.Benchmarks;

/// <summary>
/// The events of the benchmark: batches of lines (NDJSON), each event of one of many entities, chosen evenly at random. It
/// keeps count of what it made, so that the server's counts can be held against it.
/// </summary>
internal sealed class IngestLoad
{
    public const int BatchLines = 500;
    public const int Entities = 10_000;

    public const string Application =
        """
        apiVersion: orleansml/v1
        kind: Application
        name: bench
        clock: wall
        entities: [{name: client}]
        events: [{name: payment, entity: client, fields: {amount: {type: float}}}]
        views:
          - name: spent
            entity: client
            source: {event: payment}
            features:
              count_1d: {agg: count, window: {sliding: 1d}, default: 0}
              sum_1d:   {agg: sum, field: amount, window: {sliding: 1d}}
              mean_1h:  {agg: mean, field: amount, window: {sliding: 1h}}
              min_10m:  {agg: min, field: amount, window: {sliding: 10m}}
              max_1h:   {agg: max, field: amount, window: {sliding: 1h}}
        """;

    private readonly Random _random = new(1);
    private readonly int[] _made = new int[Entities];
    private int _count;

    /// <summary>Events made of each entity.</summary>
    public IReadOnlyList<int> Made => _made;

    public int Count => _count;

    public static string IdOf(int entity) => "c" + entity.ToString("D5", CultureInfo.InvariantCulture);

    /// <summary>The next events. Ids ascend in time, as ids of a sender should.</summary>
    public Batch Next(DateTime time)
    {
        var text = new StringBuilder(BatchLines * 150);
        var entity = 0;
        for (var i = 0; i < BatchLines; i++)
        {
            entity = _random.Next(Entities);
            _made[entity]++;
            text.Append(CultureInfo.InvariantCulture, $$$"""{"id":"e{{{++_count:D10}}}","entity":{"type":"client","id":"{{{IdOf(entity)}}}"},"type":"payment","time":"{{{time:yyyy-MM-ddTHH:mm:ss.ffffffZ}}}","fields":{"amount":{{{_random.Next(1, 1_000_000) / 100.0:R}}}}}""");
            text.Append('\n');
        }

        return new Batch(Encoding.UTF8.GetBytes(text.ToString()), entity, _made[entity]);
    }

    /// <param name="Lines">The body.</param>
    /// <param name="Probe">One of its entities.</param>
    /// <param name="ProbeCount">Events of that entity up to and with this batch.</param>
    public sealed record Batch(byte[] Lines, int Probe, int ProbeCount);
}
