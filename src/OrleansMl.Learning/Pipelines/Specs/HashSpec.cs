namespace OrleansMl.Learning;

/// <summary>
/// Replaces each column by one hashed feature of value 1 (0 when missing) at MurmurHash3 x86 32 (seed 0) of the UTF-8
/// text <c>column=value</c>, masked to <paramref name="Bits"/> bits. Numbers are hashed as the text of their 32-bit float
/// with at most 8 significant digits (C's %.8g), which is what ONNX Runtime can repeat: give identifiers as texts.
/// </summary>
/// <param name="Columns">Categorical or numeric.</param>
/// <param name="Bits">1–24; the same in all hash stages of a pipeline.</param>
public sealed record HashSpec(ColumnSelector Columns, int Bits = 18) : StageSpec("hash", Columns);
