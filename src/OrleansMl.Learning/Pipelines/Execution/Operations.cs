namespace OrleansMl.Learning;

/// <summary>One step over the registers, which hold the numbers of one row; NaN is missing.</summary>
internal abstract class Operation
{
    public abstract void Run(in Row row, Span<double> registers);
}

internal sealed class FillOperation((int Register, double Value)[] fills) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        foreach (var (register, value) in fills)
        {
            if (double.IsNaN(registers[register]))
                registers[register] = value;
        }
    }
}

internal sealed class ScaleOperation((int Register, ColumnScale Scale)[] scales) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        foreach (var (register, scale) in scales)
        {
            var difference = registers[register] - scale.Center;
            registers[register] = Math.Abs(difference) <= scale.Tolerance ? 0 : difference / scale.Scale;
        }
    }
}

internal sealed class LogOperation((int Register, double Floor)[] columns, double offset) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        foreach (var (register, floor) in columns)
        {
            // NaN fails the comparison and stays NaN.
            var shifted = registers[register] + offset;
            registers[register] = Math.Log(shifted < floor ? floor : shifted);
        }
    }
}

internal sealed class ClipOperation(int[] columns, double min, double max) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        foreach (var register in columns)
        {
            var value = registers[register];
            registers[register] = value < min ? min : value > max ? max : value;
        }
    }
}

internal sealed class ProductOperation(int[] factors, int output) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        var product = registers[factors[0]];
        for (var i = 1; i < factors.Length; i++)
            product *= registers[factors[i]];
        registers[output] = product;
    }
}

/// <summary>Keeps a number as it is now for a text made from it later.</summary>
internal sealed class CopyOperation(int source, int output) : Operation
{
    public override void Run(in Row row, Span<double> registers) => registers[output] = registers[source];
}

/// <summary>Indicators of a numeric column.</summary>
internal sealed class NumericOneHotOperation(int source, float[] categories, int first) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        var value = (float)registers[source];
        for (var i = 0; i < categories.Length; i++)
            registers[first + i] = value == categories[i] ? 1 : 0;
    }
}

/// <summary>Indicators of a categorical column.</summary>
internal sealed class TextOneHotOperation : Operation
{
    private readonly TextColumn _source;
    private readonly int _first;
    private readonly int _count;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _places;

    public TextOneHotOperation(TextColumn source, IReadOnlyList<string> categories, int first)
    {
        (_source, _first, _count) = (source, first, categories.Count);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < categories.Count; i++)
            places.Add(categories[i], i);
        _places = places.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override void Run(in Row row, Span<double> registers)
    {
        registers.Slice(_first, _count).Clear();
        var buffer = new TextBuffer(stackalloc char[128]);
        if (_source.Write(row, registers, ref buffer) && _places.TryGetValue(buffer.Text, out var place))
            registers[_first + place] = 1;
        buffer.Dispose();
    }
}
