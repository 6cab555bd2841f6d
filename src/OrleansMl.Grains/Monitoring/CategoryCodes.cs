namespace OrleansMl.Monitoring;

/// <summary>
/// Numbers for the texts of a column: statistics count numbers. The most frequent texts of the reference have codes of their
/// own, the rest of it shares one, and what the reference does not know another.
/// </summary>
internal sealed class CategoryCodes
{
    private const int Own = 49;
    private const int Unknown = Own + 1;

    /// <summary>Texts that are told apart while the reference is collected; a column of more is of ids, not of categories.</summary>
    private const int MaxCollected = 10_000;

    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private bool _isFitted;

    public double CodeOf(string text)
    {
        if (_codes.TryGetValue(text, out var code))
            return code;
        if (_isFitted || _codes.Count >= MaxCollected)
            return _isFitted ? Unknown : MaxCollected;
        _codes.Add(text, _codes.Count);
        return _codes.Count - 1;
    }

    /// <summary>Gives the codes of the reference their order, the most frequent first; rewrites them in its values.</summary>
    public void Fit(Span<double> values)
    {
        var counts = new Dictionary<double, int>();
        foreach (var value in values)
            counts[value] = counts.GetValueOrDefault(value) + 1;
        var codes = _codes.OrderByDescending(entry => counts.GetValueOrDefault(entry.Value)).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select((entry, rank) => (entry.Key, Before: (double)entry.Value, After: Math.Min(rank, Own))).ToList();
        var after = codes.ToDictionary(code => code.Before, code => (double)code.After);
        for (var i = 0; i < values.Length; i++)
            values[i] = after.GetValueOrDefault(values[i], Own);
        _codes.Clear();
        foreach (var (text, _, code) in codes)
            _codes[text] = code;
        _isFitted = true;
    }

    /// <summary>The text of a code, or a word for those that share one.</summary>
    public string NameOf(double code) => code >= Own ? "(others)" : _codes.First(entry => entry.Value == (int)code).Key;

    public void Write(BinaryWriter writer)
    {
        writer.Write(_codes.Count);
        foreach (var (text, code) in _codes)
        {
            writer.Write(text);
            writer.Write(code);
        }
    }

    /// <summary>Brings back what <see cref="Write"/> wrote of fitted codes.</summary>
    public static CategoryCodes Read(BinaryReader reader)
    {
        var codes = new CategoryCodes { _isFitted = true };
        for (var left = reader.ReadInt32(); left > 0; left--)
            codes._codes[reader.ReadString()] = reader.ReadInt32();
        return codes;
    }
}
