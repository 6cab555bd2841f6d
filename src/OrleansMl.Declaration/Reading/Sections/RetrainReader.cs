using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>retrain</c>.</summary>
internal static class RetrainReader
{
    private const int MaxRows = 100_000_000;
    private const double MaxShare = 0.9;
    private const double DefaultShare = 0.2;

    private static readonly Words<string> s_off = Words.Same("off");

    public static RetrainDefinition? Read(NodeReader node, MapReader model, LearnerDefinition? learner, ImmutableArray<MonitorDefinition> monitors)
    {
        if (!model.Has("trainer") && !model.Has("learner"))
            model.Key("retrain").Fault("missing_key", "A model with 'retrain' needs the key 'trainer' or 'learner': what a retraining fits.");
        if (node.Map(Shapes.Retrain) is not { } map)
            return null;
        var promotes = map["promote"]?.Word(Shapes.Promote);
        var isLive = learner is { Live: true };
        if (isLive && promotes == true)
            map["promote"]!.Value.Fault("conflict", "With 'serve: live' the learner itself answers, and no version takes its place: write promote: register, or use serve: promoted.");
        var (isRandom, validation, test, gap) = Split(map);
        return new RetrainDefinition
        {
            Window = map["window"]?.Duration(),
            MinRows = map["minRows"]?.Int(10, MaxRows) ?? 500,
            RandomSplit = isRandom,
            ValidationShare = validation,
            TestShare = test,
            SplitGap = gap,
            Validate = map["validate"] is { } validate ? Validate(validate) : new ValidateDefinition(),
            Promotes = promotes ?? !isLive,
            On = map["on"] is { } triggers ? RetrainTriggerReader.ReadAll(triggers, model, monitors) : [],
        };
    }

    private static (bool IsRandom, double Validation, double Test, int Gap) Split(MapReader retrain)
    {
        if (retrain["split"]?.Map(Shapes.Split) is not { } map)
            return (false, DefaultShare, DefaultShare, 0);
        var isRandom = map["by"]?.Word(Shapes.SplitBy) ?? false;
        var validation = map["validation"]?.Number(0, MaxShare) ?? DefaultShare;
        var test = map["test"]?.Number(0.01, MaxShare) ?? DefaultShare;
        var gap = map["gap"]?.Int(0, MaxRows) ?? 0;
        if (validation + test > MaxShare + 1e-9)
        {
            map.Key(map.Has("test") ? "test" : "validation").Fault("out_of_range", FormattableString.Invariant(
                $"validation {validation} and test {test} leave {Math.Max(0, Math.Round(1 - validation - test, 6))} of the rows to train on; the two may be {MaxShare} together, so that a tenth is left."));
        }

        if (isRandom && gap > 0)
            map.Key("gap").Fault("conflict", "A gap lies between parts in the order of time, and by: random has none; remove it, or split by time.");
        return (isRandom, validation, test, gap);
    }

    private static ValidateDefinition? Validate(NodeReader node)
    {
        if (node.IsScalar && !node.IsNull)
        {
            node.Word(s_off);
            return null;
        }

        if (node.Map(Shapes.Validate) is not { } map)
            return null;
        return new ValidateDefinition
        {
            Leakage = map["leakage"]?.Number(0.5, 1),
            Missing = map["missing"]?.Number(0, 1),
            Skew = map["skew"]?.Number(0, 1000),
            Duplicates = map["duplicates"]?.Number(0, 1),
            Balance = map["balance"]?.Number(0, 0.5),
        };
    }
}
