using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>The columns of a model as they leave its pipeline: what a trainer gets to see.</summary>
/// <param name="Dense">Names of the dense ones; one for all of a stage whose number is found when it is fitted.</param>
/// <param name="Hashed">Names of those behind hashed features.</param>
/// <param name="Texts">Names of those that hold texts still, which nothing can learn from.</param>
public sealed record EncodedColumns(ImmutableArray<string> Dense, ImmutableArray<string> Hashed, ImmutableArray<string> Texts)
{
    /// <summary>No columns.</summary>
    public static EncodedColumns None { get; } = new([], [], []);

    /// <summary>Why a trainer cannot learn from them, with the remedy; null: it can.</summary>
    /// <param name="type">Its type, which is known.</param>
    /// <param name="parameters">Its parameters: the members of bagging are a trainer's too.</param>
    public string? WhyNot(string type, IReadOnlyDictionary<string, object> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!Texts.IsEmpty)
            return $"The column '{Texts[0]}'{(Texts.Length > 1 ? $" and {Texts.Length - 1} more hold" : " holds")} texts, and a trainer takes numbers: encode by one_hot, ordinal or hash in the pipeline, or leave the column out.";
        if (Dense.IsEmpty && Hashed.IsEmpty)
            return "The trainer sees nothing: give the model 'inputs' or 'features'.";
        var isCommand = type == TrainerDefinition.CommandType;
        var kind = isCommand ? null : TrainerFactory.Find(parameters.GetValueOrDefault("base") as string ?? type) ?? TrainerFactory.Find(type);
        if (!Hashed.IsEmpty && (isCommand || kind is { TakesHashed: false }))
        {
            var who = isCommand ? "A trainer of type command is given dense features alone" : $"{type} takes no hashed features, as its trees test one column at a time";
            return $"{who}, and the pipeline hashes {Suggestion.List(Hashed)}: use ordinal or one_hot instead of hash, or leave the column out.";
        }

        if (kind is { TakesPair: true } && (!Dense.IsEmpty || Hashed.Length != 2))
            return $"{kind.Name} takes two hashed columns, the user and then the item, and nothing else, and the pipeline gives {Dense.Length} dense and {Hashed.Length} hashed ones ({Suggestion.List([.. Dense, .. Hashed])}): hash both ids and leave out the others, or take factorization_machine.";
        return null;
    }
}
