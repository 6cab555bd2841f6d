using System.Globalization;

namespace OrleansMl;

/// <summary>One value of an event's field, a feature, an input or an output.</summary>
[GenerateSerializer, Immutable, Alias("oml.Scalar")]
public readonly record struct Scalar
{
    [Id(0)] private readonly ScalarKind _kind;
    [Id(1)] private readonly double _number;
    [Id(2)] private readonly string? _text;

    private Scalar(ScalarKind kind, double number, string? text)
    {
        _kind = kind;
        _number = number;
        _text = text;
    }

    public static Scalar Missing => default;

    public ScalarKind Kind => _kind;

    public bool IsMissing => _kind == ScalarKind.Missing;

    /// <exception cref="ArgumentOutOfRangeException">The number is NaN or infinite.</exception>
    public static Scalar Of(double number) => double.IsFinite(number)
        ? new(ScalarKind.Number, number, null)
        : throw new ArgumentOutOfRangeException(nameof(number), number, "A value must be finite; a missing one is Scalar.Missing.");

    public static Scalar Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(ScalarKind.Text, 0, text);
    }

    public static Scalar Of(bool value) => new(ScalarKind.Bool, value ? 1 : 0, null);

    /// <summary>The number; 1 or 0 for a truth value; NaN for anything else.</summary>
    public double AsNumber() => _kind is ScalarKind.Number or ScalarKind.Bool ? _number : double.NaN;

    /// <summary>The text; a number or truth value in its invariant form; null when missing.</summary>
    public string? AsText() => _kind switch
    {
        ScalarKind.Missing => null,
        ScalarKind.Text => _text,
        ScalarKind.Bool => _number != 0 ? "true" : "false",
        _ => _number.ToString("R", CultureInfo.InvariantCulture),
    };

    public override string ToString() => AsText() ?? "(missing)";
}
