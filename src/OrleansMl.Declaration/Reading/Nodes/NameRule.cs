namespace OrleansMl.Declaration;

/// <summary>The rule for names; equal to that of the abstractions, which this project does not reference.</summary>
internal static class NameRule
{
    public const string Pattern = "[A-Za-z][A-Za-z0-9._-]{0,62}";

    public static bool IsName(string text) =>
        text.Length is > 0 and <= 63
        && char.IsAsciiLetter(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
