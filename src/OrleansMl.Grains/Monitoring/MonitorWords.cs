using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Monitoring;

/// <summary>Words of a monitor as the application file has them.</summary>
internal static class MonitorWords
{
    public static string Of(MonitoredSeries series) => series switch
    {
        MonitoredSeries.MissingRate => "missing_rate",
        _ => series.ToString().ToLowerInvariant(),
    };

    public static string Of(DriftCorrection correction) => correction switch
    {
        DriftCorrection.BenjaminiHochberg => "benjamini_hochberg",
        _ => correction.ToString().ToLowerInvariant(),
    };

    /// <summary>Type of the detector, or name of the statistic.</summary>
    public static string MethodOf(MonitorDefinition monitor) => monitor.Detector?.Type ?? monitor.Statistic switch
    {
        DriftStatisticKind.ChiSquare => "chi_square",
        DriftStatisticKind.JensenShannon => "jensen_shannon",
        DriftStatisticKind.KolmogorovSmirnov => "kolmogorov_smirnov",
        var other => other!.Value.ToString().ToLowerInvariant(),
    };
}
