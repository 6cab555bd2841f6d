using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>The words that a key admits.</summary>
internal abstract class Words
{
    public abstract ImmutableArray<string> All { get; }

    public static Words<T> Of<T>(params (string Word, T Value)[] words) => new(words);

    public static Words<string> Same(params string[] words) => new([.. words.Select(word => (word, word))]);
}

/// <summary>The words that a key admits, with what they mean.</summary>
internal sealed class Words<T>((string Word, T Value)[] words) : Words
{
    public override ImmutableArray<string> All { get; } = [.. words.Select(word => word.Word)];

    public bool TryGet(string text, out T value)
    {
        foreach (var (word, meaning) in words)
        {
            if (word == text)
            {
                value = meaning;
                return true;
            }
        }

        value = default!;
        return false;
    }
}
