using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests;

/// <summary>A small live model without a cluster, and examples for it.</summary>
internal static class LiveModels
{
    public static CompiledModel Compile(string type, string parameters = "{}", int snapshotEvery = 0, string columns = "a: {type: float}, u: {type: string}, v: {type: string}", string target = "binary")
    {
        var yaml = $$$"""
            apiVersion: orleansml/v1
            kind: Application
            name: live
            clock: wall
            entities: [{name: client}]
            models:
              - name: live
                entity: client
                inputs: { {{{columns}}} }
                pipeline: [{hash: {columns: categorical, bits: 8}}]
                target: {name: y, type: {{{target}}}, window: 1h}
                learner: {type: {{{type}}}, params: {{{parameters}}}, serve: live, snapshotEvery: {{{snapshotEvery}}}, bootstrap: {outcomes: 40}}
            """;
        var read = ApplicationReader.Read(yaml);
        Assert.Empty(read.Faults);
        var applied = new AppliedApplication("live", 1, yaml, DateTime.UnixEpoch, ImmutableDictionary<string, int>.Empty);
        return CompiledModel.Compile(applied, read.Definition!, read.Definition!.Models.Single(), 1);
    }

    /// <summary>A trainer that has made its bootstrap and its version 1.</summary>
    public static OnlineTrainer Bootstrapped(CompiledModel model, Random random)
    {
        var trainer = new OnlineTrainer(model, null);
        for (var i = 0; i < 40; i++)
            trainer.Learn(Example(model, random));
        trainer.Bootstrap();
        trainer.MarkChampion(1);
        return trainer;
    }

    /// <summary>A row whose truth is whether a is above 0; where there is no a, whether u and v are alike.</summary>
    public static LabeledExample Example(CompiledModel model, Random random, double? label = null)
    {
        ImmutableArray<Scalar> values = [.. model.Schema.Columns.Select(c => c.Name == "a" ? Scalar.Of((random.NextDouble() * 2) - 1) : Scalar.Of("k" + random.Next(6)))];
        var truth = model.Schema.IndexOf("a") is var a and >= 0 ? values[a].AsNumber() > 0 : values[0].AsText() == values[1].AsText();
        return Example(model, values, label ?? (truth ? 1 : 0));
    }

    public static LabeledExample Example(CompiledModel model, ImmutableArray<Scalar> values, double label) => new()
    {
        Sequence = 1,
        PredictionId = "p",
        Columns = [.. model.Schema.Columns.Select(c => c.Name)],
        Values = values,
        Label = label,
        Lineage = 1,
    };
}
