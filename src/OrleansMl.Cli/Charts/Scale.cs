namespace OrleansMl.Cli.Charts;

/// <summary>An axis with round ticks.</summary>
/// <param name="Low">Value at its low end.</param>
/// <param name="High">Value at its high end, above <paramref name="Low"/>.</param>
/// <param name="Step">Distance of the ticks: 1, 2 or 5 times a power of ten.</param>
internal sealed record Scale(double Low, double High, double Step)
{
    /// <summary>From the first to the last tick.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, (int)Math.Round((High - Low) / Step) + 1).Select(tick => Low + (tick * Step));

    /// <summary>Number format that tells neighbouring ticks apart.</summary>
    public string Format => Step >= 1 ? "0" : $"0.{new string('0', (int)Math.Ceiling(-Math.Log10(Step) - 1e-9))}";

    /// <summary>The least scale with about six steps that holds all values; errors begin at 0.</summary>
    public static Scale Of(IEnumerable<double> values, bool fromZero)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (fromZero)
            low = Math.Min(0, low);
        if (high - low < 1e-6)
            (low, high) = fromZero ? (low, low + 1) : (low - 0.05, high + 0.05);
        var rough = (high - low) / 6;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return new(Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step, step);
    }
}
