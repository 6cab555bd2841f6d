namespace OrleansMl.Protocol.Configuration;

/// <summary>What a piece of protobuf text format is.</summary>
internal enum TextTokenKind
{
    End,

    /// <summary>A field's name, an enum's name, true, inf …</summary>
    Word,
    Number,

    /// <summary>A quoted string, unescaped.</summary>
    Quoted,

    /// <summary>One of <c>{ } [ ] &lt; &gt; : , ; -</c>.</summary>
    Mark,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; of a quoted string what it means.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal readonly record struct TextToken(TextTokenKind Kind, string Text, int Line, int Column)
{
    public bool Is(char mark) => Kind == TextTokenKind.Mark && Text[0] == mark;

    public override string ToString() => Kind switch
    {
        TextTokenKind.End => "the end of the text",
        TextTokenKind.Quoted => $"\"{Text}\"",
        _ => $"'{Text}'",
    };
}
