using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Wire;

namespace OrleansMl.Retraining;

/// <summary>The stretch of the log that a retraining learns from: {from, to}, of which either may be left out, or {last}.</summary>
/// <param name="From">Predictions of this event time and later; null: from the first.</param>
/// <param name="To">Predictions before this event time; null: to the last.</param>
/// <param name="Last">The last so long; null: the bounds say it.</param>
internal sealed record RetrainWindow(DateTime? From, DateTime? To, TimeSpan? Last)
{
    private static readonly MemberTable s_table = new("from", "to", "last");

    public static RetrainWindow All { get; } = new(null, null, null);

    /// <summary>Null: all of the log.</summary>
    public static OmlResult<RetrainWindow> Read(string? json) => json is null ? All : JobValues.Parse(json, "/window", Read);

    /// <summary>The window with bounds in place of a length.</summary>
    /// <param name="now">The newest time.</param>
    public RetrainWindow At(DateTime now) => Last is { } last ? new RetrainWindow(now - last, null, null) : this;

    /// <summary>Null: all of the log.</summary>
    public string? ToJson()
    {
        if (From is null && To is null)
            return null;
        return "{" + string.Join(",", new[] { ("from", From), ("to", To) }.Where(bound => bound.Item2 is not null).Select(bound => $"\"{bound.Item1}\":\"{Text(bound.Item2!.Value)}\"")) + "}";

        static string Text(DateTime time)
        {
            Span<char> text = stackalloc char[40];
            return text[..Rfc3339.Format(time, text)].ToString();
        }
    }

    private static RetrainWindow Read(ref StrictReader reader)
    {
        reader.ExpectObject("window");
        ulong seen = 0;
        DateTime? from = null, to = null;
        TimeSpan? last = null;
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    from = BodyValues.ReadTimeOrNull(ref reader, "from");
                    break;
                case 1:
                    to = BodyValues.ReadTimeOrNull(ref reader, "to");
                    break;
                default:
                    if (!Duration.TryParse(reader.ReadString("last"), out var length) || length <= TimeSpan.Zero)
                        throw reader.Fault("invalid", $"last is {reader.Excerpt()}; give a whole number and a unit, such as 12h or 30d, up to {Duration.Longest.Days.ToString(CultureInfo.InvariantCulture)}d.");
                    last = length;
                    break;
            }
        }

        if (last is not null && (from is not null || to is not null))
            throw reader.Fault("conflict", "last excludes from and to; give the bounds, or a length.");
        return from is not null && to is not null && from >= to ? throw reader.Fault("invalid", "The window's from is not before its to; swap them.") : new RetrainWindow(from, to, last);
    }
}
