using System.Diagnostics;

namespace OrleansMl.Declaration.Tests;

/// <summary>The largest files that are admitted are read in bounded work.</summary>
public class HostileTests
{
    private const string Head = "apiVersion: orleansml/v1\nkind: Application\nname: a\nentities: [{name: e}]\nevents: [{name: t, entity: e, fields: {x: {type: float}}}]\n";

    private static readonly string View =
        $"views: [{{name: v, entity: e, source: {{event: t}}, features: {{{string.Join(", ", Enumerable.Range(0, 4096).Select(i => $"f{i}: {{agg: last, field: x}}"))}}}}}]\n";

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Dictionary<string, string> Cases { get; } = new(StringComparer.Ordinal)
    {
        ["many models of many columns"] = Head + View + "models:\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"  - {{name: m{i}, entity: e, features: ['v:*'], pipeline: [{Times("{impute: {columns: all}}, {clip: {columns: all, min: 0}}, ", 31)}]}}\n")),
        ["unknown features"] = Head + View + "models:\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"  - {{name: m{i}, entity: e, features: [{string.Join(',', Enumerable.Range(0, 4000).Select(j => $"'v:g{j}'"))}]}}\n")),
        ["unknown keys on one line"] = "{" + string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"\"k{i}\":1")) + "}",
        ["a long key"] = new string('a', 1_000_000) + ": 1\n",
        ["a long number"] = "name: " + new string('1', 1_000_000) + "\n",
        ["an open quote"] = "name: \"" + new string('a', 1_000_000),
        ["open brackets"] = new string('[', 1_000_000),
        ["dashes"] = Times("- ", 500_000),
        ["lines"] = Times("a\n", 500_000),
        ["a long list"] = "x: [" + Times("a,", 500_000) + "]",
        ["encodings of encodings"] = Head + View + "models: [{name: m, entity: e, features: ['v:*'], pipeline: [" + Times("{one_hot: {columns: all}}, ", 60) + "]}]\n",
        ["crosses of all"] = Head + View + "models: [{name: m, entity: e, features: ['v:*'], pipeline: [" + Times("{cross: {columns: all}}, ", 60) + "]}]\n",
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_read_without_throwing(string name)
    {
        var watch = Stopwatch.StartNew();

        var result = ApplicationReader.Read(Cases[name]);

        Assert.Equal(result.IsValid, result.Faults.IsEmpty);
        Assert.All(result.Faults, fault => Assert.InRange(fault.Detail.Length, 10, 4000));

        // Work that grows with the square of the input takes minutes: the bound tells it from a slow machine.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
    }

    [Fact]
    public void Categories_whose_indicators_collide_are_a_fault()
    {
        var result = ApplicationReader.Read(Head + "models: [{name: m, entity: e, inputs: {a: {type: string}}, pipeline: [{one_hot: {columns: [a], categories: [b, 'b=1']}}, {one_hot: {columns: ['a=b'], categories: [1]}}, {clip: {columns: ['a=b=1'], min: 0}}]}]\n");

        Assert.Contains(result.Faults, fault => fault.Code == "duplicate_column" && fault.Detail.Contains("'a=b=1'", StringComparison.Ordinal));
    }

    private static string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
