using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>A node with its path. Reads it as a type; what does not fit is reported here and read as null.</summary>
internal readonly partial record struct NodeReader(FaultSink Sink, YamlNode Node, string Path)
{
    public bool IsScalar => Node is YamlScalar;

    public bool IsMap => Node is YamlMapping;

    public bool IsSequence => Node is YamlSequence;

    public bool IsNull => Node is YamlScalar { IsPlain: true, Text: "" or "~" or "null" or "Null" or "NULL" };

    public void Fault(string code, string detail) => Sink.Fault(code, Path, Node.Mark, detail);

    /// <summary>What is a fault of a file that comes, and not of one that was applied when it was none.</summary>
    public void Refuse(string code, string detail)
    {
        if (Sink.IsApplied)
            Warning(code, detail);
        else
            Fault(code, detail);
    }

    public void Warning(string code, string detail) => Sink.Warning(code, Path, Node.Mark, detail);

    /// <summary>The map with its keys checked; null: it is none.</summary>
    public MapReader? Map(Shape shape)
    {
        if (Node is not YamlMapping mapping)
        {
            WrongType($"a map ({shape.Title}: {Suggestion.List(shape.Names)})");
            return null;
        }

        return new MapReader(this, mapping, shape);
    }

    /// <summary>Entries of a map whose keys are the file's own names; repeated ones are reported and left out.</summary>
    public ImmutableArray<(NodeReader Key, string Name, NodeReader Value)> Entries(string what, int limit)
    {
        if (Node is not YamlMapping mapping)
        {
            WrongType($"a map of {what}");
            return [];
        }

        if (!Within(mapping.Entries.Length, what, limit))
            return [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var entries = ImmutableArray.CreateBuilder<(NodeReader, string, NodeReader)>(mapping.Entries.Length);
        foreach (var (key, value) in mapping.Entries)
        {
            var path = PathOf(key.Text);
            var keyReader = new NodeReader(Sink, key, path);
            if (seen.Add(key.Text))
                entries.Add((keyReader, key.Text, new NodeReader(Sink, value, path)));
            else
                keyReader.Fault("repeated_key", $"'{Excerpt.Of(key.Text)}' occurs twice; keep one.");
        }

        return entries.DrainToImmutable();
    }

    /// <summary>Items of a list.</summary>
    public ImmutableArray<NodeReader> Items(string what, int limit)
    {
        if (Node is not YamlSequence sequence)
        {
            WrongType($"a list of {what}");
            return [];
        }

        if (!Within(sequence.Items.Length, what, limit))
            return [];
        var (sink, path) = (Sink, Path);
        return [.. sequence.Items.Select((item, index) => new NodeReader(sink, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")))];
    }

    public string? Text(string what = "a text")
    {
        if (Node is YamlScalar scalar && (!scalar.IsPlain || (!IsNull && !IsBool(scalar.Text) && !NumberPattern().IsMatch(scalar.Text))))
            return scalar.Text;
        WrongType(what, Node is YamlScalar { IsPlain: true, Text.Length: > 0 } plain ? $"; in quotes, \"{Excerpt.Of(plain.Text)}\", it is a text" : "");
        return null;
    }

    /// <summary>A text of 1 to <paramref name="limit"/> characters without control characters.</summary>
    public string? Line(string what, int limit)
    {
        if (Text(what) is not { } text)
            return null;
        if (text.Length > 0 && text.Length <= limit && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl))
            return text;
        Fault("invalid_value", $"{Said()} cannot be {what}: give 1 to {limit} characters, not only white space, without control characters.");
        return null;
    }

    /// <summary>A name of the file's own things.</summary>
    public string? Name(string what)
    {
        if (Text($"the name of {what}") is not { } text)
            return null;
        if (NameRule.IsName(text))
            return text;
        Fault("invalid_name", $"{Said()} cannot be the name of {what}: names match {NameRule.Pattern}.");
        return null;
    }

    public bool? Bool()
    {
        if (Node is YamlScalar { IsPlain: true } scalar && IsBool(scalar.Text))
            return scalar.Text[0] is 't' or 'T';
        WrongType("true or false");
        return null;
    }

    /// <summary>A finite number; reports nothing.</summary>
    public double? NumberIfAny() =>
        Node is YamlScalar { IsPlain: true } scalar && NumberPattern().IsMatch(scalar.Text)
        && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    /// <summary>A truth value; reports nothing.</summary>
    public bool? BoolIfAny() => Node is YamlScalar { IsPlain: true } scalar && IsBool(scalar.Text) ? scalar.Text[0] is 't' or 'T' : null;

    /// <summary>A finite number within closed bounds; with <paramref name="open"/> the bounds themselves are out.</summary>
    public double? Number(double min = double.MinValue, double max = double.MaxValue, bool open = false)
    {
        if (NumberIfAny() is not { } number)
        {
            WrongType("a finite decimal number");
            return null;
        }

        if (open ? number > min && number < max : number >= min && number <= max)
            return number;
        Fault("out_of_range", $"{Said()} is out of range: give a number {Bounds(min, max, open)}.");
        return null;
    }

    public int? Int(int min, int max)
    {
        if (NumberIfAny() is not { } number || number != Math.Floor(number))
        {
            WrongType("a whole number");
            return null;
        }

        if (number >= min && number <= max)
            return (int)number;
        Fault("out_of_range", $"{Said()} is out of range: give a whole number {Bounds(min, max, false)}.");
        return null;
    }

    public TimeSpan? Duration(bool allowZero = false)
    {
        if (Text("a duration such as 30m, 24h or 7d") is not { } text)
            return null;
        if (!OrleansMl.Declaration.Duration.TryParse(text, out var duration))
        {
            Fault("invalid_duration", $"{Said()} is no duration: write a whole number and one of s, m, h, d (45s, 30m, 24h, 7d), at most {OrleansMl.Declaration.Duration.Text(OrleansMl.Declaration.Duration.Longest)}.");
            return null;
        }

        if (duration > TimeSpan.Zero || allowZero)
            return duration;
        Fault("out_of_range", $"{Said()} is out of range: the duration must be longer than zero.");
        return null;
    }

    public T? Word<T>(Words<T> words)
        where T : struct => TryWord(words, out var value) ? value : null;

    public string? Word(Words<string> words) => TryWord(words, out var value) ? value : null;

    public void WrongType(string wanted, string hint = "") => Fault("wrong_type", $"{Said()} is not {wanted}{hint}.");

    /// <summary>What stands here, for people.</summary>
    public string Said() => Node switch
    {
        YamlMapping => "A map",
        YamlSequence => "A list",
        _ when IsNull => "An empty value",
        YamlScalar scalar when scalar.IsPlain && (IsBool(scalar.Text) || NumberPattern().IsMatch(scalar.Text)) => Excerpt.Of(scalar.Text),
        YamlScalar scalar => $"'{Excerpt.Of(scalar.Text)}'",
        _ => "It",
    };

    internal string PathOf(string key)
    {
        var text = Excerpt.Of(key);
        var part = text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? text : $"[\"{text}\"]";
        return Path.Length == 0 ? part : part[0] == '[' ? Path + part : $"{Path}.{part}";
    }

    private bool TryWord<T>(Words<T> words, out T value)
    {
        value = default!;
        if (Text($"one of {Suggestion.List(words.All)}") is not { } text)
            return false;
        if (words.TryGet(text, out value))
            return true;
        Fault("invalid_value", $"{Said()} is not one of {Suggestion.List(words.All)}.{Suggestion.For(text, words.All)}");
        return false;
    }

    private bool Within(int count, string what, int limit)
    {
        if (count <= limit)
            return true;
        Fault("too_many", $"There are {count} {what}; the limit is {limit}: use fewer, or split the application.");
        return false;
    }

    private static string Bounds(double min, double max, bool open)
    {
        static string N(double n) => n.ToString("R", CultureInfo.InvariantCulture);
        return (min, max) switch
        {
            (_, double.MaxValue or double.PositiveInfinity) => (open ? "above " : "of at least ") + N(min),
            (double.MinValue or double.NegativeInfinity, _) => (open ? "below " : "of at most ") + N(max),
            _ => open ? $"strictly between {N(min)} and {N(max)}" : $"from {N(min)} to {N(max)}",
        };
    }

    private static bool IsBool(string text) => text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE";

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
