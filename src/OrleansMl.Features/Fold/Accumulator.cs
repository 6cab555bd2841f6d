namespace OrleansMl.Features;

/// <summary>
/// Count, sum, minimum and maximum of values; mergeable. The sum is compensated (Neumaier 1974), so that its error does
/// not grow with the number of values and hardly depends on their order.
/// </summary>
internal struct Accumulator
{
    private double _sum;
    private double _compensation;

    public Accumulator()
    {
        Min = double.PositiveInfinity;
        Max = double.NegativeInfinity;
    }

    /// <summary>Values that are not missing.</summary>
    public long Present { get; private set; }

    /// <summary>Values that are numbers or truth values: those behind sum, minimum and maximum.</summary>
    public long Numeric { get; private set; }

    public double Min { get; private set; }

    public double Max { get; private set; }

    public readonly double Sum => _sum + _compensation;

    public void Add(in FieldValue value)
    {
        if (value.IsNumeric)
        {
            var number = value.AsNumber();
            Present++;
            Numeric++;
            AddToSum(number);
            Min = Math.Min(Min, number);
            Max = Math.Max(Max, number);
        }
        else if (!value.IsMissing)
        {
            Present++;
        }
    }

    public void Merge(in Accumulator other)
    {
        Present += other.Present;
        Numeric += other.Numeric;
        AddToSum(other._sum);
        _compensation += other._compensation;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
    }

    public readonly void Save(ByteWriter writer)
    {
        writer.Varint((ulong)Present);
        writer.Varint((ulong)Numeric);
        if (Numeric > 0)
        {
            writer.Double(_sum);
            writer.Double(_compensation);
            writer.Double(Min);
            writer.Double(Max);
        }
    }

    public static Accumulator Restore(ref ByteReader reader)
    {
        var restored = new Accumulator { Present = (long)reader.Varint(), Numeric = (long)reader.Varint() };
        if (restored.Numeric > 0)
        {
            restored._sum = reader.Double();
            restored._compensation = reader.Double();
            restored.Min = reader.Double();
            restored.Max = reader.Double();
        }

        return restored;
    }

    private void AddToSum(double number)
    {
        var sum = _sum + number;
        _compensation += Math.Abs(_sum) >= Math.Abs(number) ? _sum - sum + number : number - sum + _sum;
        _sum = sum;
    }
}
