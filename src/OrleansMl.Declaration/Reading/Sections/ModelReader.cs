using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Reads <c>models</c>.</summary>
internal static class ModelReader
{
    /// <summary>Words that select columns, and the model's score.</summary>
    private static readonly string[] Reserved = ["all", "numeric", "categorical", "score"];

    public static ModelDefinition? Read(NodeReader node, Scope scope)
    {
        if (node.Map(Shapes.Model) is not { } map)
            return null;
        var entity = map["entity"] is { } reference ? scope.Entities.Resolve(reference) : null;
        var candidates = map["candidates"] is { } others ? scope.Entities.Resolve(others) : null;
        if (!map.Has("entity"))
            NeedsEntity(map, "features", "target", "candidates");

        var inputs = map["inputs"] is { } list ? FieldReader.ReadAll(list, "an input", "inputs", scope, Reserved) : FieldSet.Empty;
        var vector = new VectorReader(scope, entity, candidates, map);
        vector.Inputs(inputs);
        var patterns = map["features"] is { } features ? vector.Features(features) : [];

        var target = map["target"] is { } aim ? TargetReader.Read(aim, entity?.Definition.Name, candidates?.Definition.Name, scope) : null;
        var pipeline = map["pipeline"] is { } stages ? PipelineReader.Read(stages, vector) : [];
        var learner = map["learner"] is { } online ? LearnerReader.Read(online, map, target, vector) : null;
        var trainer = map["trainer"] is { } batch ? TrainerReader.Read(batch, map, target, vector) : null;
        var promotion = map["promotion"] is { } rule ? PromotionReader.Read(rule, map, target, vector) : null;
        if (learner is { Live: true } && promotion?.Rollout is not null)
            map["promotion"]!.Value.Fault("conflict", "A rollout shares the calls between two versions, and with 'serve: live' the learner itself answers them; leave out 'rollout', or use serve: promoted.");
        var exploration = map["exploration"] is { } explore ? ExplorationReader.Read(explore, map) : null;
        var postprocess = map["postprocess"] is { } steps ? PostprocessReader.Read(steps, map, target, vector) : [];
        var monitors = map["monitors"] is { } watched ? MonitorReader.ReadAll(watched, map, target, vector) : [];
        var retrain = map["retrain"] is { } again ? RetrainReader.Read(again, map, learner, monitors) : null;

        if (map["name"]?.Name("a model") is not { } name)
            return null;
        var model = new ModelDefinition
        {
            Name = name,
            Entity = entity?.Definition.Name,
            Candidates = candidates?.Definition.Name,
            Inputs = inputs.Fields,
            Features = patterns,
            Columns = [.. vector.Columns.Select(column => new ColumnDefinition(column.Name, column.Type, column.IsInput))],
            Pipeline = pipeline,
            Encoded = vector.Encoded,
            Target = target,
            Learner = learner,
            Trainer = trainer,
            Retrain = retrain,
            Promotion = promotion,
            Exploration = exploration,
            Postprocess = postprocess,
            Monitors = monitors,
        };
        scope.Models.Add(map["name"]!.Value, name, model);
        if (target is not null)
            Agree(map["target"]!.Value, new TargetSymbol(model.Entity, model, target, inputs.Complete), scope);
        return model;
    }

    private static void NeedsEntity(MapReader map, params string[] keys)
    {
        foreach (var key in keys.Where(map.Has))
        {
            map.Key(key).Fault("missing_key", $"A model with '{key}' needs the key 'entity': the type of the entity that it predicts about.");
            return;
        }
    }

    /// <summary>Truths come by entity and target: models that share both must mean the same by it.</summary>
    private static void Agree(NodeReader node, TargetSymbol symbol, Scope scope)
    {
        var (entity, model, target, _) = symbol;
        foreach (var other in scope.Targets.Where(known => known.Entity == entity && known.Target.Name == target.Name))
        {
            if (other.Target.Type == target.Type && TargetReader.LabelsOf(other.Target).SequenceEqual(TargetReader.LabelsOf(target)))
            {
                if (SaysTheSame(other.Target, target))
                    continue;
                node.Fault("conflict", $"Models '{other.Model.Name}' and '{model.Name}' of entity '{entity}' share the target '{target.Name}' and differ in its sources, conflict or unknownSources; make them equal or rename one target.");
                break;
            }

            node.Fault("conflict", $"Models '{other.Model.Name}' and '{model.Name}' of entity '{entity}' share the target '{target.Name}' and differ in its type or classes; make them equal or rename one target.");
            break;
        }

        scope.Targets.Add(symbol);
    }

    /// <summary>One outcome is about both: whose word stands must not differ.</summary>
    private static bool SaysTheSame(TargetDefinition one, TargetDefinition other) =>
        one.Conflict == other.Conflict && one.RefuseUnknownSources == other.RefuseUnknownSources && one.Sources.SequenceEqual(other.Sources);
}
