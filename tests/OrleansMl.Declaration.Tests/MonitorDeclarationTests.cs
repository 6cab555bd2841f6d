using System.Globalization;
using OrleansMl.Learning;

namespace OrleansMl.Declaration.Tests;

/// <summary>Monitors as an application file gives them.</summary>
public class MonitorDeclarationTests
{
    private const string Place = "    postprocess: [{threshold: {at: 0.5, below: DOWN, above: UP}}]\n";

    public static TheoryData<string> Detectors => [.. DriftDetectors.Types];

    /// <summary>A monitor, the fault's code, its path below the monitor, and words of its detail.</summary>
    public static TheoryData<string, string, string, string> Spoilt => new()
    {
        { "{on: error, detector: {type: ddm}}", "missing_key", "", "'name'" },
        { "{name: m, detector: {type: ddm}}", "missing_key", "", "'on'" },
        { "{name: 1m, on: error, detector: {type: ddm}}", "invalid_name", ".name", "cannot be the name" },
        { "{name: m, on: eror, detector: {type: ddm}}", "invalid_value", ".on", "Did you mean 'error'?" },
        { "{name: m, on: error}", "missing_key", "", "detector, statistic" },
        { "{name: m, on: score, detector: {type: adwin}, statistic: psi}", "conflict", ".statistic", "exclude each other" },
        { "{name: m, on: error, detector: {type: addwin}}", "unknown_detector", ".detector.type", "Did you mean 'adwin'?" },
        { "{name: m, on: error, detector: {type: adwin, params: {dleta: 0.1}}}", "unknown_key", ".detector.params.dleta", "Did you mean 'delta'?" },
        { "{name: m, on: error, detector: {type: adwin, params: {delta: 2}}}", "out_of_range", ".detector.params.delta", "a number in (0, 1]" },
        { "{name: m, on: error, detector: {type: ddm, params: {warning: 3, drift: 2}}}", "conflict", ".detector.params", "do not go together" },
        { "{name: m, on: loss, detector: {type: ddm}}", "conflict", ".detector.type", "takes 0 and 1 only" },
        { "{name: m, on: score, detector: {type: adwin}, threshold: {constant: 1}}", "conflict", ".threshold", "belongs to a statistic" },
        { "{name: m, on: score, detector: {type: adwin}, persistence: 2}", "conflict", ".persistence", "belongs to a statistic" },
        { "{name: m, on: score, statistic: psi}", "missing_key", "", "'threshold'" },
        { "{name: m, on: score, statistic: psi, threshold: {}}", "missing_key", ".threshold", "constant, alpha, deviations" },
        { "{name: m, on: score, statistic: psi, threshold: {alpha: 0.05}}", "conflict", ".threshold.alpha", "has no p-value" },
        { "{name: m, on: score, statistic: chi_square, threshold: {alpha: 1}}", "out_of_range", ".threshold.alpha", "between 0 and 1" },
        { "{name: m, on: score, statistic: psi, threshold: {constant: 1}, chunk: {rows: 5}}", "out_of_range", ".chunk.rows", "10" },
        { "{name: m, on: score, statistic: psi, threshold: {constant: 1}, chunk: {rows: 50, period: 1h}}", "conflict", ".chunk.period", "exclude each other" },
        { "{name: m, on: score, statistic: psi, threshold: {constant: 1}, reference: {rows: 10}}", "out_of_range", ".reference.rows", "50" },
        { "{name: m, on: score, statistic: psi, threshold: {constant: 1}, reference: {from: \"2026-01-01T00:00:00Z\"}}", "missing_key", ".reference", "'to'" },
        { "{name: m, on: score, statistic: psi, threshold: {constant: 1}, reference: {from: \"2026-01-02T00:00:00Z\", to: \"2026-01-01T00:00:00Z\"}}", "out_of_range", ".reference.to", "swap" },
        { "{name: m, on: score, statistic: psi, threshold: {deviations: 3}, chunk: {rows: 500}, reference: {rows: 1000}}", "out_of_range", ".reference", "at least 2500 rows" },
        { "{name: m, on: score, statistic: psi, threshold: {deviations: 3}, chunk: {period: 1h}}", "conflict", ".chunk", "equal size" },
        { "{name: m, on: features, statistic: psi, threshold: {constant: 1}, reference: {rows: 1000000}}", "too_many", ".reference", "fewer columns" },
        { "{name: m, on: features, columns: [dey], statistic: psi, threshold: {constant: 1}}", "unknown_column", ".columns[0]", "Did you mean 'day'?" },
        { "{name: m, on: features, columns: [day, day], statistic: psi, threshold: {constant: 1}}", "duplicate_column", ".columns[1]", "keep one" },
        { "{name: m, on: features, columns: [], statistic: psi, threshold: {constant: 1}}", "no_columns", ".columns", "all of them" },
        { "{name: m, on: score, columns: [day], statistic: psi, threshold: {constant: 1}}", "conflict", ".columns", "features or missing_rate" },
        { "{name: m, on: features, statistic: psi, threshold: {constant: 1}, correction: holm}", "conflict", ".correction", "adjusts p-values" },
        { "{name: m, on: features, detector: {type: page_hinkley}, correction: bonferroni}", "conflict", ".correction", "has no level" },
        { "{name: m, on: features, detector: {type: adwin}, correction: holm}", "conflict", ".correction", "bonferroni alone" },
        { "{name: m, on: score, detector: {type: adwin}, cooldown: 0}", "out_of_range", ".cooldown", "1" },
    };

    [Theory]
    [MemberData(nameof(Detectors))]
    public void A_detector_is_read_by_name_with_each_of_its_parameters(string type)
    {
        foreach (var parameter in DriftDetectors.Find(type)!.Parameters)
        {
            // What its default is always goes with the others.
            var text = ((double)parameter.Default!).ToString("R", CultureInfo.InvariantCulture);
            var monitor = Assert.Single(Read($"{{name: m, on: error, detector: {{type: {type}, params: {{{parameter.Name}: {text}}}}}}}").Definition!.Models[0].Monitors);
            Assert.Equal((type, (double)parameter.Default), (monitor.Detector!.Type, (double)monitor.Detector.Params[parameter.Name]));
            Assert.Equal(type, DriftDetectors.Find(type)!.Create(monitor.Detector.Params).Type);
        }
    }

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void One_fault_in_its_place_says_what_to_do(string monitor, string code, string path, string words)
    {
        var fault = Assert.Single(Read(monitor).Faults);
        Assert.Equal((code, "models[0].monitors[0]" + path), (fault.Code, fault.Path));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var read = Read("""
            {name: a, on: features, statistic: kolmogorov_smirnov, threshold: {alpha: 0.01}}, {name: b, on: features, detector: {type: kswin}},
            {name: c, on: score, statistic: psi, threshold: {constant: 0.25}}, {name: d, on: missing_rate, statistic: psi, threshold: {constant: 0.25}, chunk: {period: 1d}}
            """);
        Assert.Empty(read.Faults);
        var monitors = read.Definition!.Models[0].Monitors;
        Assert.Equal([DriftCorrection.Holm, DriftCorrection.Bonferroni, DriftCorrection.None, DriftCorrection.None], monitors.Select(monitor => monitor.Correction));
        Assert.Equal((500, null, TimeSpan.FromDays(1)), (monitors[0].Chunk.Rows, monitors[3].Chunk.Rows, monitors[3].Chunk.Period));
        Assert.Equal((1000, 1, 1000), (monitors[2].Reference.Rows, monitors[2].Persistence, monitors[2].Cooldown));
        Assert.Equal(read.Definition.Models[0].Columns.Select(column => column.Name), monitors[0].Columns.ToArray());
        Assert.Empty(Samples.Read(Samples.Electricity).Models[0].Monitors);
    }

    [Fact]
    public void Names_are_unique_and_a_monitor_on_truths_needs_a_target()
    {
        Assert.Equal("duplicate_name", Assert.Single(Read("{name: m, on: score, detector: {type: adwin}}, {name: m, on: score, detector: {type: kswin}}").Faults).Code);
        var fault = Assert.Single(ApplicationReader.Read("""
            apiVersion: orleansml/v1
            kind: Application
            name: a
            models: [{name: m, inputs: {x: {type: string}}, monitors: [{name: n, on: error, detector: {type: adwin}}]}]
            """).Faults);
        Assert.Equal(("missing_key", "models[0].monitors[0].on"), (fault.Code, fault.Path));
    }

    [Fact]
    public void Texts_are_watched_by_category_and_by_nothing_that_asks_for_an_order()
    {
        string Text(string monitor) => $"""
            apiVersion: orleansml/v1
            kind: Application
            name: a
            models: [{"{"}name: m, inputs: {"{"}x: {"{"}type: string{"}"}, y: {"{"}type: float{"}"}{"}"}, monitors: [{monitor}]{"}"}]
            """;
        Assert.Equal(["x", "y"], Samples.Read(Text("{name: n, on: features, statistic: psi, threshold: {constant: 1}}")).Models[0].Monitors[0].Columns.ToArray());
        Assert.Equal(["y"], Samples.Read(Text("{name: n, on: features, statistic: wasserstein, threshold: {constant: 1}}")).Models[0].Monitors[0].Columns.ToArray());
        Assert.Equal(["x", "y"], Samples.Read(Text("{name: n, on: missing_rate, detector: {type: adwin}}")).Models[0].Monitors[0].Columns.ToArray());
        Assert.Equal("conflict", Assert.Single(ApplicationReader.Read(Text("{name: n, on: features, columns: [x], detector: {type: adwin}}")).Faults).Code);
    }

    [Fact]
    public void A_changed_monitor_begins_anew_and_ends_no_learner()
    {
        const string Before = "{name: m, on: score, detector: {type: adwin}}, {name: n, on: label, detector: {type: kswin}}";
        var difference = ApplicationDiff.Compare(Read(Before).Definition!, Read(Before.Replace("adwin}", "adwin, params: {delta: 0.01}}", StringComparison.Ordinal)).Definition!);
        Assert.False(difference.IsIncompatible);
        var change = Assert.Single(difference.Changes, change => change.Action != "none");
        Assert.Equal(("update", "monitor", "electricity/m", false), (change.Action, change.Kind, change.Name, change.KeepsState));
        Assert.Contains("detector.params.delta: none → 0.01. It begins anew.", change.Detail, StringComparison.Ordinal);
        var gone = Assert.Single(ApplicationDiff.Compare(Read(Before).Definition!, Samples.Read(Samples.Electricity)).Changes, change => change is { Action: not "none", Name: "electricity/n" });
        Assert.Equal(("delete", "monitor"), (gone.Action, gone.Kind));
    }

    private static ReadResult Read(string monitors) => ApplicationReader.Read(Samples.Electricity.With(Place, $"{Place}    monitors: [{monitors.ReplaceLineEndings(" ")}]\n"));
}
