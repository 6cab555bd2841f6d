namespace OrleansMl.Declaration.Tests;

public class FieldCheckTests
{
    private static readonly FieldDefinition Price = new() { Name = "price", Type = FieldType.Float, Min = 0, Max = 1 };
    private static readonly FieldDefinition Day = new() { Name = "day", Type = FieldType.Int, Min = 1 };
    private static readonly FieldDefinition Note = new() { Name = "note", Type = FieldType.String };
    private static readonly FieldDefinition Product = new() { Name = "product", Type = FieldType.Ref, Entity = "product" };
    private static readonly FieldDefinition Flag = new() { Name = "flag", Type = FieldType.Bool };

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(1.5, "'price' is 1.5; it must be from 0 to 1.")]
    [InlineData(double.NaN, "'price' is NaN; numbers are finite.")]
    [InlineData(double.PositiveInfinity, "'price' is Infinity; numbers are finite.")]
    public void A_number_is_finite_and_in_range(double value, string? why) => Assert.Equal(why, FieldCheck.WhyNotNumber(Price, value));

    [Theory]
    [InlineData(7, null)]
    [InlineData(1.5, "'day' is 1.5; it must be a whole number.")]
    [InlineData(0, "'day' is 0; it must be of at least 1.")]
    [InlineData(1e300, "'day' is 1E+300; whole numbers are at most 2^53 in size.")]
    public void A_whole_number_is_whole_and_exact(double value, string? why) => Assert.Equal(why, FieldCheck.WhyNotNumber(Day, value));

    [Fact]
    public void A_value_of_another_type_is_refused_in_words()
    {
        Assert.Equal("'note' is the number 5; it must be a text.", FieldCheck.WhyNotNumber(Note, 5));
        Assert.Equal("'price' is the text 'x'; it must be a number from 0 to 1.", FieldCheck.WhyNotText(Price, "x"));
        Assert.Equal("'price' is true or false; it must be a number from 0 to 1.", FieldCheck.WhyNotBool(Price));
        Assert.Equal("'flag' is the number 1; it must be true or false.", FieldCheck.WhyNotNumber(Flag, 1));
        Assert.Null(FieldCheck.WhyNotBool(Flag));
    }

    [Fact]
    public void A_text_is_valid_Unicode_and_a_reference_an_entity_id()
    {
        Assert.Null(FieldCheck.WhyNotText(Note, ""));
        Assert.Null(FieldCheck.WhyNotText(Note, "😀\n"));
        Assert.Contains("U+D800", FieldCheck.WhyNotText(Note, "a\ud800"), StringComparison.Ordinal);
        Assert.Null(FieldCheck.WhyNotText(Product, "P/1"));
        Assert.Contains("is empty", FieldCheck.WhyNotText(Product, " "), StringComparison.Ordinal);
        Assert.Contains("U+000A", FieldCheck.WhyNotText(Product, "a\nb"), StringComparison.Ordinal);
        Assert.Contains("258 bytes", FieldCheck.WhyNotText(Product, new string('é', 129)), StringComparison.Ordinal);
        Assert.Null(FieldCheck.WhyNotText(Product, new string('é', 128)));
    }
}
