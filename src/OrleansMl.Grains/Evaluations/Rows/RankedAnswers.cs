using System.Text.Json;
using OrleansMl.Learning;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Evaluations;

/// <summary>
/// Puts the records of one ranked answer together: it counts once the truth of every candidate shown is known. Answers that
/// wait for a record are bounded in number; the oldest go.
/// </summary>
internal sealed class RankedAnswers(int capacity, long seed)
{
    private const int MaxWaiting = 20_000;

    private readonly Dictionary<string, (double[] Relevance, int Missing)> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Relevance by place, one array an answer.</summary>
    public Sample<double[]> Whole { get; } = new(capacity, seed);

    public void Add(PredictionRecord record, double label)
    {
        if (record.Response.IsEmpty || JsonSerializer.Deserialize(record.Response.Span, ResponseJson.Default.PredictResponse) is not { Ranked.IsDefaultOrEmpty: false } answer)
            return;
        var place = -1;
        for (var i = 0; i < answer.Ranked.Length; i++)
        {
            if (answer.Ranked[i].Entity.Id == record.Subject)
                place = i;
        }

        if (place < 0)
            return;
        if (!_waiting.TryGetValue(answer.PredictionId, out var known))
        {
            known = (new double[answer.Ranked.Length], answer.Ranked.Length);
            _order.Enqueue(answer.PredictionId);
            if (_order.Count > MaxWaiting)
                _waiting.Remove(_order.Dequeue());
        }

        known.Relevance[place] = Math.Max(0, label);
        if (--known.Missing == 0)
        {
            _waiting.Remove(answer.PredictionId);
            Whole.Add(known.Relevance);
        }
        else
        {
            _waiting[answer.PredictionId] = known;
        }
    }

    /// <summary>The figure of each answer that has something relevant, as it was shown.</summary>
    public static double[] Figures(IEnumerable<double[]> answers, MetricSpec metric) => [.. answers.Select(relevance =>
    {
        // The order of the places is the order of the scores: what was shown first counts first.
        var scores = new double[relevance.Length];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = -i;
        var depth = metric.Depth ?? relevance.Length;
        return metric.Kind switch
        {
            "ndcg" => relevance.Sum() > 0 ? Ranking.Ndcg(scores, relevance, depth) : double.NaN,
            "map" => Ranking.AveragePrecision(scores, relevance, depth),
            _ => Ranking.Hit(scores, relevance, depth),
        };
    }).Where(double.IsFinite)];
}
