using System.Diagnostics.Metrics;

namespace OrleansMl.Serving;

/// <summary>What shadows answered, beside what was returned.</summary>
public sealed class ShadowInstruments
{
    public ShadowInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Shadow");
        Answers = meter.CreateCounter<long>("oml-shadow-answers", description: "Answers of shadows by model, version and result: equal, differs, failed, dropped.");
        Difference = meter.CreateHistogram("oml-shadow-difference", description: "Absolute difference between a shadow's score and the returned one.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 10] });
        Duration = meter.CreateHistogram<double>("oml-shadow-duration", "s", "How long a shadow took to answer.");
    }

    public Counter<long> Answers { get; }

    public Histogram<double> Difference { get; }

    public Histogram<double> Duration { get; }
}
