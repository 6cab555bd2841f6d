using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Benchmarks.Retrain;

/// <summary>A job that has succeeded.</summary>
/// <param name="Job">As its server shows it.</param>
/// <param name="TrainerBytes">The most memory that its program held at once; 0: that is not known.</param>
internal sealed record EndedJob(JsonElement Job, long TrainerBytes)
{
    public string Id => Job.GetProperty("id").GetString()!;

    public JsonElement Result => Job.GetProperty("result");

    /// <summary>From its begin to its end.</summary>
    public double Seconds => (Time("ended") - Time("started")).TotalSeconds;

    private DateTime Time(string member) => DateTime.Parse(Job.GetProperty(member).GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
