using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Declaration.Tests;

public class YamlTests
{
    private const string Smallest = "apiVersion: orleansml/v1\nkind: Application\nname: a\n";

    [Theory]
    [InlineData("")]
    [InlineData("   \n\t\n")]
    [InlineData("\uFEFF")]
    [InlineData("# only a comment\n")]
    public void An_empty_file_says_how_to_begin(string text)
    {
        var fault = Assert.Single(ApplicationReader.Read(text).Faults);
        Assert.Equal(("yaml_empty", 1, 1), (fault.Code, fault.Line, fault.Column));
        Assert.Contains("apiVersion: orleansml/v1", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_document_is_refused_where_it_begins()
    {
        var fault = Assert.Single(ApplicationReader.Read(Smallest + "---\n" + Smallest).Faults);
        Assert.Equal(("yaml_documents", 4), (fault.Code, fault.Line));
    }

    [Fact]
    public void A_file_of_more_than_a_mebibyte_is_refused()
    {
        var text = Smallest + "#" + new string('é', ApplicationReader.MaxBytes / 2);
        Assert.Equal("too_large", Assert.Single(ApplicationReader.Read(text).Faults).Code);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Bottomless_nesting_is_refused_at_once(string opening)
    {
        var text = "x: " + string.Concat(Enumerable.Repeat(opening, 200_000));
        var fault = Assert.Single(ApplicationReader.Read(text).Faults);
        Assert.True(fault.Code is "yaml_depth" or "yaml_syntax", fault.ToString());
    }

    [Fact]
    public void Nesting_to_the_limit_is_no_fault_of_its_own()
    {
        static string Nested(int depth) => Smallest + "x: " + new string('[', depth) + new string(']', depth) + "\n";
        Assert.Equal("unknown_key", Assert.Single(ApplicationReader.Read(Nested(ApplicationReader.MaxDepth - 1)).Faults).Code);
        Assert.Equal("yaml_depth", Assert.Single(ApplicationReader.Read(Nested(ApplicationReader.MaxDepth)).Faults).Code);
    }

    [Fact]
    public void Aliases_that_multiply_are_refused_before_they_do()
    {
        var text = "a: &a [1, 2, 3]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n";
        Assert.All(ApplicationReader.Read(text).Faults, fault => Assert.Equal("yaml_alias", fault.Code));
    }

    [Fact]
    public void Faults_without_number_end_with_a_word_about_the_rest()
    {
        var text = Smallest + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"key{i}: 1\n"));
        var faults = ApplicationReader.Read(text).Faults;
        Assert.Equal(FaultSink.Limit + 1, faults.Length);
        Assert.Equal("too_many", faults[^1].Code);
    }

    [Theory]
    [InlineData("electricity", false)]
    [InlineData("electricity", true)]
    [InlineData("bike-sharing", false)]
    [InlineData("shop", true)]
    public void The_same_application_as_JSON_gives_the_same_definition(string sample, bool indented)
    {
        var yaml = Samples.Text(sample);
        var options = new JsonSerializerOptions { WriteIndented = indented, IndentCharacter = '\t', IndentSize = 1 };
        var json = YamlAsJson.Convert(yaml).ToJsonString(options);

        var result = ApplicationReader.Read(json);

        Assert.Empty(result.Faults);
        Assert.Equal(JsonSerializer.Serialize(Samples.Read(yaml)), JsonSerializer.Serialize(result.Definition));
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_change_nothing()
    {
        var text = "\uFEFF" + Samples.Electricity.ReplaceLineEndings("\r\n").With("metric: log_loss", "metric: luck");
        var fault = Assert.Single(ApplicationReader.Read(text).Faults);
        var line = text.Split("\r\n")[fault.Line - 1];
        Assert.StartsWith("luck", line[(fault.Column - 1)..], StringComparison.Ordinal);
    }

    [Fact]
    public void No_mutation_of_a_sample_makes_it_throw()
    {
        var samples = Samples.All.ToArray();
        var snippets = new[] { "{", "}", "[", "]", ":", ": ", "-", "- ", "\n", "\t", "\"", "'", "&a ", "*a", "!!", "|\n", ">", "%", "@", "?", "#", "~", "\ud800", "\udc00", "\0", "\u0085", "\u2028", "\uFEFF", "1e400", "-0", ".inf", "null", "\\u0000", "\"\\ud800\"", "😀" };
        var mutation = from kind in Gen.Choose(0, 3)
                       from at in Gen.Choose(0, 1_000_000)
                       from length in Gen.Choose(0, 40)
                       from snippet in Gen.Elements(snippets)
                       select (kind, at, length, snippet);
        var cases = from sample in Gen.Elements(samples)
                    from mutations in mutation.ListOf().Where(list => list.Count > 0)
                    select mutations.Aggregate(sample, Mutate);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500).WithReplay(20_111, 4_243), Prop.ForAll(cases.ToArbitrary(), IsSound));
    }

    [Fact]
    public void No_text_makes_it_throw()
    {
        var character = Gen.OneOf(Gen.Choose(0, 127), Gen.Choose(0, 0xFFFF), Gen.Choose(0xD800, 0xDFFF)).Select(code => (char)code);
        var texts = character.ArrayOf().Select(characters => new string(characters));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500).WithReplay(77, 1_000_003), Prop.ForAll(texts.ToArbitrary(), IsSound));
        var bytes = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Select(all => Encoding.UTF8.GetString(all));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500).WithReplay(78, 1_000_003), Prop.ForAll(bytes.ToArbitrary(), IsSound));
        var yaml = Gen.Elements('a', ':', ' ', '\n', '-', '[', ']', '{', '}', ',', '"', '\'', '|', '>', '#', '&', '*', '!', '%', '?', '\t', '1', '\\', '~').ArrayOf().Select(characters => new string(characters));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(79, 1_000_003), Prop.ForAll(yaml.ToArbitrary(), IsSound));
    }

    private static string Mutate(string text, (int Kind, int At, int Length, string Snippet) mutation)
    {
        var at = text.Length == 0 ? 0 : mutation.At % text.Length;
        var length = Math.Min(mutation.Length, text.Length - at);
        return mutation.Kind switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, mutation.Snippet),
            2 => text.Insert(at, text.Substring(at, length)),
            _ => text.Remove(at, length).Insert(at, mutation.Snippet),
        };
    }

    /// <summary>Either a definition or faults, and every fault has a place in the text and a detail that any writer can write.</summary>
    private static bool IsSound(string text)
    {
        var result = ApplicationReader.Read(text);
        var lines = text.ReplaceLineEndings("\n").Split('\n').Length + text.Count(c => c is '\u0085' or '\u2028' or '\u2029');
        return result.IsValid == result.Faults.IsEmpty
            && result.Faults.Concat(result.Warnings).All(fault =>
                fault.Line >= 1 && fault.Line <= lines + 1 && fault.Column >= 1 && fault.Code.Length > 0 && fault.Detail.Length is > 10 and < 4000
                && new UTF8Encoding(false, true).GetByteCount(fault.Detail + fault.Path) > 0);
    }
}
