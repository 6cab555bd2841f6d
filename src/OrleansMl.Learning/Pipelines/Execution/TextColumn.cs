using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Where the text of a categorical column comes from; nothing changes it once it stands.</summary>
internal abstract class TextColumn
{
    /// <summary>Appends the text; false, with nothing appended, when it is missing.</summary>
    public abstract bool Write(in Row row, ReadOnlySpan<double> registers, ref TextBuffer buffer);
}

/// <summary>A raw categorical value; null and "" are missing.</summary>
internal sealed class RawText(int slot) : TextColumn
{
    public override bool Write(in Row row, ReadOnlySpan<double> registers, ref TextBuffer buffer)
    {
        var value = row.Categorical[slot];
        buffer.Append(value);
        return !string.IsNullOrEmpty(value);
    }
}

/// <summary>A number as the text that ONNX Runtime's Cast from float to string writes.</summary>
internal sealed class NumberText(int register) : TextColumn
{
    public override bool Write(in Row row, ReadOnlySpan<double> registers, ref TextBuffer buffer)
    {
        var value = (float)registers[register];
        if (!float.IsFinite(value))
            return false;
        value.TryFormat(buffer.Reserve(24), out var written, "g8", CultureInfo.InvariantCulture);
        buffer.Length += written;
        return true;
    }
}

/// <summary>Parts joined by the separator; missing when any part is.</summary>
internal sealed class CrossText(TextColumn[] parts) : TextColumn
{
    public override bool Write(in Row row, ReadOnlySpan<double> registers, ref TextBuffer buffer)
    {
        var start = buffer.Length;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                buffer.Append(CrossStage.Separator);
            if (!parts[i].Write(row, registers, ref buffer))
            {
                buffer.Length = start;
                return false;
            }
        }

        return true;
    }
}

/// <summary>Another column with a constant where it is missing.</summary>
internal sealed class FilledText(TextColumn inner, string fill) : TextColumn
{
    public override bool Write(in Row row, ReadOnlySpan<double> registers, ref TextBuffer buffer)
    {
        if (!inner.Write(row, registers, ref buffer))
            buffer.Append(fill);
        return true;
    }
}
