using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>A place in a foreign record that an attribute is read from; see <see cref="KafkaRecordMapping"/>.</summary>
internal sealed record MappedPlace(MappedPlaceKind Kind, string Text, IReadOnlyList<string> Path)
{
    private const string Header = "$header:";
    private const string Constant = "$const:";

    /// <exception cref="FormatException">It is none; says why.</exception>
    public static MappedPlace Parse(string text) =>
        TryParse(text, out var place, out var why) ? place : throw new FormatException($"'{text}' is no place in a record: {why}");

    public static bool TryParse(string? text, [NotNullWhen(true)] out MappedPlace? place, [NotNullWhen(false)] out string? why)
    {
        place = null;
        why = null;
        if (string.IsNullOrWhiteSpace(text))
            why = "it is empty.";
        else if (text == "$key")
            place = new(MappedPlaceKind.Key, text, []);
        else if (text == "$timestamp")
            place = new(MappedPlaceKind.Timestamp, text, []);
        else if (text.StartsWith(Header, StringComparison.Ordinal))
            place = text.Length > Header.Length ? new(MappedPlaceKind.Header, text[Header.Length..], []) : null;
        else if (text.StartsWith(Constant, StringComparison.Ordinal))
            place = text.Length > Constant.Length ? new(MappedPlaceKind.Constant, text[Constant.Length..], []) : null;
        else if (text.StartsWith('$'))
            why = "there is no such special place.";
        else if (text.Split('.') is var path && path.All(member => member.Length > 0))
            place = new(MappedPlaceKind.Member, text, path);
        else
            why = "a member's name is empty.";
        if (place is null)
            why ??= "nothing follows the colon.";
        return place is not null;
    }
}

internal enum MappedPlaceKind
{
    Member,
    Key,
    Header,
    Timestamp,
    Constant,
}
