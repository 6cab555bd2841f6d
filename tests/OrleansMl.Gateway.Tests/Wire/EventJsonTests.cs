using System.Text;
using System.Text.Json;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Tests.Wire;

public sealed class EventJsonTests
{
    [Fact]
    public void Names_and_values_read_as_they_were_written_whatever_was_read_before()
    {
        // More names than are remembered, read side by side.
        Parallel.For(0, 20_000, i =>
        {
            var (type, field) = ($"t{i % 3_000}", i % 7 == 0 ? $"ä{i}\u0001" : $"f{i % 2_000}");
            var read = Read(JsonSerializer.Serialize(new { id = $"e{i}", entity = new { type, id = $"{i}" }, type, fields = new Dictionary<string, object> { [field] = i, [new string('x', 100)] = "y" } }));
            Assert.Equal(($"e{i}", type, $"{i}", type), (read.Id, read.Entity.Type, read.Entity.Id, read.Type));
            Assert.Equal([(field, i, $"{i}"), (new string('x', 100), double.NaN, "y")], read.Fields.Select(f => (f.Name, f.Value.AsNumber(), f.Value.ToString())));
        });
    }

    [Fact]
    public void A_name_that_came_before_is_the_same_string()
    {
        const string Json = """{"id":"e","entity":{"type":"client","id":"1"},"type":"seen"}""";
        Assert.Same(Read(Json).Type, Read(Json).Type);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(500)]
    public void Any_number_of_fields_is_read_and_a_repeat_among_them_refused(int count)
    {
        var fields = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"f{i}\":{i}"));
        Assert.Equal(Enumerable.Range(0, count).Select(i => new NamedValue($"f{i}", Scalar.Of(i))), Read(Event(fields)).Fields);
        if (count > 0)
            Assert.Equal("repeated_member", Assert.Throws<InputFaultException>(() => Read(Event(fields + ",\"f0\":1"))).Fault.Code);
    }

    [Theory]
    [InlineData("2026-01-31T08:30:00Z", true)]
    [InlineData("2026-01-31T08:30:00.123456789+02:00", true)]
    [InlineData("2026-01-31T08:30:00\\u005a", true)]
    [InlineData("2026-01-31", false)]
    [InlineData("", false)]
    [InlineData("\\u0032\\u0030\\u0032\\u0036-\\u0030\\u0031-\\u0033\\u0031T\\u0030\\u0038:\\u0033\\u0030:\\u0030\\u0030Z", true)]
    [InlineData("2026-01-31T08:30:00.11111111111111111111111111111111111111111111111111111111111111111111111111111111Z", false)]
    public void A_time_is_read_or_refused_by_name(string time, bool isTime)
    {
        var json = $$"""{"id":"e","entity":{"type":"client","id":"1"},"type":"seen","time":"{{time}}"}""";
        if (isTime)
            Assert.Equal(2026, Read(json).Time!.Value.Year);
        else
            Assert.Equal("invalid_time", Assert.Throws<InputFaultException>(() => Read(json)).Fault.Code);
    }

    private static string Event(string fields) => $$$"""{"id":"e","entity":{"type":"client","id":"1"},"type":"seen","fields":{{{{fields}}}}}""";

    private static IngestEvent Read(string json) => StrictReader.Parse(Encoding.UTF8.GetBytes(json), EventJson.Read);
}
