using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Features.Tests;

public sealed class FieldCodecTests
{
    private static readonly Gen<FieldValue> AnyValue = Gen.OneOf(
        Gen.Constant(FieldValue.Missing),
        ArbMap.Default.GeneratorFor<bool>().Select(FieldValue.Of),
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).Select(FieldValue.Of),
        ArbMap.Default.GeneratorFor<long>().Select(n => FieldValue.Of((double)n)),
        Gen.Elements("", "a", "Zürich", "東京", "😀").Select(FieldValue.Of));

    private static readonly Arbitrary<FoldField[]> AnyFields = Arb.From(
        from names in Gen.Elements("a", "B", "price", "ö", "länge", "x1", "😀", "").ListOf()
        from values in AnyValue.ListOf(names.Count)
        select names.Zip(values, (name, value) => new FoldField(name, value)).DistinctBy(f => f.Name).ToArray());

    [Fact]
    public void Fields_come_back_sorted_and_equal_content_has_equal_bytes_in_any_order() => Run(500, Prop.ForAll(AnyFields, fields =>
    {
        var bytes = FieldCodec.Encode(fields);
        Assert.Equal(fields.OrderBy(f => f.Name, StringComparer.Ordinal), FieldCodec.Decode(bytes));
        Assert.Equal(bytes, FieldCodec.Encode(fields.Reverse().ToArray()));
    }));

    [Fact]
    public void Other_content_has_other_bytes() => Run(500, Prop.ForAll(AnyFields, AnyFields, (one, other) =>
    {
        var same = one.OrderBy(f => f.Name, StringComparer.Ordinal).SequenceEqual(other.OrderBy(f => f.Name, StringComparer.Ordinal));
        Assert.Equal(same, FieldCodec.Encode(one).AsSpan().SequenceEqual(FieldCodec.Encode(other)));
    }));

    [Fact]
    public void Damaged_bytes_are_refused_or_are_the_canonical_form_of_something()
    {
        var refused = 0;
        var damage = Gen.Choose(0, 10_000).Two();
        Run(3000, Prop.ForAll(AnyFields, Arb.From(damage), (fields, where) =>
        {
            var bytes = FieldCodec.Encode(fields);
            bytes[where.Item1 % bytes.Length] = (byte)where.Item2;
            try
            {
                Assert.Equal(bytes, FieldCodec.Encode(FieldCodec.Decode(bytes)));
            }
            catch (FormatException)
            {
                refused++;
            }
        }));
        Assert.True(refused > 500, $"{refused} refused");
    }

    [Fact]
    public void Every_shortened_payload_is_refused()
    {
        var bytes = FieldCodec.Encode([new("price", FieldValue.Of(0.1)), new("n", FieldValue.Of(300)), new("city", FieldValue.Of("Bern"))]);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<FormatException>(() => FieldCodec.Decode(bytes.AsSpan(0, length)));
        }

        Assert.Throws<FormatException>(() => FieldCodec.Decode([.. bytes, 0]));
    }

    [Theory]
    [InlineData("020000", "an unknown version")]
    [InlineData("01FFFFFFFFFFFFFFFFFF01", "more fields than bytes")]
    [InlineData("0101016101000000000000F03F", "1.0 written as a double")]
    [InlineData("01010161010000000000000080", "minus zero")]
    [InlineData("0101016101000000000000F87F", "NaN")]
    [InlineData("010101610203FF", "a byte too many")]
    [InlineData("01010161028200", "an integer with a superfluous byte")]
    [InlineData("010101610301FF", "text that is not UTF-8")]
    [InlineData("010101610303EDA080", "a lone surrogate")]
    [InlineData("0101016106", "an unknown kind")]
    [InlineData("0102016200016100", "descending names")]
    [InlineData("0102016100016100", "a name twice")]
    public void Malformed_bytes_are_refused(string hex, string what) =>
        Assert.True(Record.Exception(() => FieldCodec.Decode(Convert.FromHexString(hex))) is FormatException, what);

    [Fact]
    public void The_bytes_are_pinned_since_logs_outlive_programs() => Assert.Equal(
        "0105" + "016100" + "016205" + "0163019A9999999999B93F" + "016402D804" + "01650302C3B6",
        Convert.ToHexString(FieldCodec.Encode(
        [
            new("e", FieldValue.Of("ö")), new("d", FieldValue.Of(300)), new("c", FieldValue.Of(0.1)), new("b", FieldValue.Of(true)), new("a", FieldValue.Missing),
        ])));

    [Fact]
    public void A_repeated_name_and_a_lone_surrogate_are_refused_by_name()
    {
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => FieldCodec.Encode([new("a", FieldValue.Of(1)), new("b", default), new("a", FieldValue.Of(2))])).Message, StringComparison.Ordinal);
        Assert.Contains("'city'", Assert.Throws<ArgumentException>(() => FieldCodec.Encode([new("city", FieldValue.Of("\ud800"))])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_finite_and_equal_by_kind_and_content()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FieldValue.Of(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => FieldValue.Of(double.PositiveInfinity));
        Assert.Equal(FieldValue.Of(0.0), FieldValue.Of(-0.0));
        Assert.False(double.IsNegative(FieldValue.Of(-0.0).AsNumber()));
        Assert.NotEqual(FieldValue.Of(true), FieldValue.Of(1));
        Assert.NotEqual(FieldValue.Of("1"), FieldValue.Of(1));
        Assert.NotEqual(FieldValue.Missing, FieldValue.Of(0));
        Assert.True(new HashSet<FieldValue> { FieldValue.Of("a"), FieldValue.Of(2) }.SetEquals([FieldValue.Of(string.Concat("", "a")), FieldValue.Of(2)]));
    }

    private static void Run(int tests, Property property) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(11UL, 13UL), property);
}
