namespace OrleansMl.Learning;

/// <summary>Codes of a numeric column.</summary>
internal sealed class NumericOrdinalOperation : Operation
{
    private readonly int _source;
    private readonly int _output;
    private readonly Dictionary<float, int> _codes = [];

    public NumericOrdinalOperation(int source, IReadOnlyList<double> categories, int output)
    {
        (_source, _output) = (source, output);
        for (var i = 0; i < categories.Count; i++)
            _codes.Add((float)categories[i], i);
    }

    public override void Run(in Row row, Span<double> registers)
        => registers[_output] = _codes.TryGetValue((float)registers[_source], out var code) ? code : double.NaN;
}

/// <summary>Codes of a categorical column.</summary>
internal sealed class TextOrdinalOperation : Operation
{
    private readonly TextColumn _source;
    private readonly int _output;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _codes;

    public TextOrdinalOperation(TextColumn source, IReadOnlyList<string> categories, int output)
    {
        (_source, _output) = (source, output);
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < categories.Count; i++)
            codes.Add(categories[i], i);
        _codes = codes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override void Run(in Row row, Span<double> registers)
    {
        var buffer = new TextBuffer(stackalloc char[128]);
        registers[_output] = _source.Write(row, registers, ref buffer) && _codes.TryGetValue(buffer.Text, out var code) ? code : double.NaN;
        buffer.Dispose();
    }
}
