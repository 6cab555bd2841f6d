namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>exploration</c>: the type decides which parameters belong.</summary>
internal static class ExplorationReader
{
    private static readonly (string Name, string Type, bool IsNeeded)[] Parameters =
        [("epsilon", "epsilon_greedy", true), ("lambda", "softmax", true), ("scale", "square_cb", false), ("exponent", "square_cb", false)];

    public static ExplorationDefinition? Read(NodeReader node, MapReader model)
    {
        if (node.Map(Shapes.Exploration) is not { } map)
            return null;
        if (!model.Has("candidates"))
            model.Key("exploration").Fault("conflict", "'exploration' chooses among candidates; the model has no 'candidates': declare them or remove it.");
        var type = map["type"]?.Word(Shapes.ExplorationTypes);
        if (type is not null)
            CheckParameters(map, type);
        var isSquareCb = type == "square_cb";
        return new ExplorationDefinition(
            type ?? "",
            Epsilon: map["epsilon"]?.Number(0, 1),
            Lambda: map["lambda"]?.Number(0, 1e9),
            Scale: map["scale"]?.Number(0, 1e9, open: true) ?? (isSquareCb ? 10 : null),
            Exponent: map["exponent"]?.Number(0, 1) ?? (isSquareCb ? 0.5 : null),
            Seed: map["seed"]?.Int(0, int.MaxValue) ?? 1);
    }

    private static void CheckParameters(MapReader map, string type)
    {
        var own = Suggestion.List([.. Parameters.Where(parameter => parameter.Type == type).Select(parameter => parameter.Name)]);
        foreach (var (name, owner, isNeeded) in Parameters)
        {
            if (owner != type && map.Has(name))
                map.Key(name).Fault("conflict", $"'{name}' belongs to type: {owner}; {type} takes {own}. Remove it, or change the type.");
            else if (owner == type && isNeeded && !map.Has(name))
                map.Node.Fault("missing_key", $"The key '{name}' is missing; an exploration of type {type} needs it.");
        }
    }
}
