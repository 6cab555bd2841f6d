using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Sets of parameters of a trainer: some are given, some are searched for.</summary>
public sealed class SearchSpace
{
    /// <summary>A space of few choices is drawn out soon; then further sets would only be tried again.</summary>
    private const int MaxRedraws = 100;

    private readonly ImmutableArray<LearnerParameter> _known;

    private SearchSpace(TrainerKind kind, ImmutableArray<LearnerParameter> known, ImmutableSortedDictionary<string, SearchRange> ranges, ImmutableSortedDictionary<string, object> given)
        => (Trainer, _known, Ranges, Given) = (kind, known, ranges, given);

    public TrainerKind Trainer { get; }

    /// <summary>What is searched for, by name.</summary>
    public ImmutableSortedDictionary<string, SearchRange> Ranges { get; }

    /// <summary>What every set has besides.</summary>
    public ImmutableSortedDictionary<string, object> Given { get; }

    /// <summary>Checks a space against what the trainer takes.</summary>
    /// <param name="trainer">The type of trainer.</param>
    /// <param name="classes">0: a value is learned; else the number of classes.</param>
    /// <param name="ranges">At least one.</param>
    /// <param name="given">Parameters that stay as they are; null: none.</param>
    /// <exception cref="LearnerException">An unknown parameter, one in both, a range of another kind, or bounds that are not admitted.</exception>
    public static SearchSpace Create(TrainerKind trainer, int classes, IReadOnlyDictionary<string, SearchRange> ranges, IReadOnlyDictionary<string, object>? given = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(ranges);
        var known = trainer.Parameters(classes);
        if (ranges.Count == 0)
            throw new LearnerException($"The space to search is empty; give a range for at least one parameter of {trainer.Name} ({string.Join(", ", known.Select(parameter => parameter.Name))}).");
        ParameterSet.Read(trainer.Name, known, given);
        var fixedValues = (given ?? ImmutableSortedDictionary<string, object>.Empty).ToImmutableSortedDictionary(
            entry => entry.Key,
            entry => known.First(parameter => parameter.Name == entry.Key).Read(entry.Value)!,
            StringComparer.Ordinal);
        foreach (var (name, range) in ranges)
        {
            var parameter = known.FirstOrDefault(parameter => parameter.Name == name)
                ?? throw new LearnerException($"{trainer.Name} has no parameter '{name}' to search for (available: {string.Join(", ", known.Select(parameter => parameter.Name))}).");
            if (given?.ContainsKey(name) == true)
                throw new LearnerException($"Parameter '{name}' of {trainer.Name} is given and searched for; keep one of the two.");
            Check(trainer.Name, parameter, range);
        }

        return new SearchSpace(trainer, known, ranges.ToImmutableSortedDictionary(StringComparer.Ordinal), fixedValues);
    }

    /// <summary>
    /// Different sets, drawn by a seed. The first takes the trainer's defaults where their ranges hold them, so that a search never ends below them. A longer
    /// draw begins with the shorter. There are fewer than asked for where the space holds no more.
    /// </summary>
    public ImmutableArray<ImmutableSortedDictionary<string, object>> Draw(long seed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var sets = ImmutableArray.CreateBuilder<ImmutableSortedDictionary<string, object>>(count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var redraws = 0;
        for (long part = 0; sets.Count < count && redraws < MaxRedraws; part++)
        {
            var draw = SeededDraw.For(seed, part);
            var set = Given.ToBuilder();
            foreach (var (name, range) in Ranges)
            {
                var drawn = range.Draw(ref draw);
                set[name] = part == 0 && _known.First(parameter => parameter.Name == name).Default is { } fallback && range.Holds(fallback) ? fallback : drawn;
            }

            if (!seen.Add(string.Join('\n', Ranges.Keys.Select(name => Convert.ToString(set[name], CultureInfo.InvariantCulture)))))
            {
                redraws++;
                continue;
            }

            sets.Add(set.ToImmutable());
            redraws = 0;
        }

        return sets.ToImmutable();
    }

    private static void Check(string trainer, LearnerParameter parameter, SearchRange range)
    {
        var fits = range.Kind switch
        {
            SearchRangeKind.Choice => true,
            SearchRangeKind.Integer => parameter.Kind == ParameterKind.Integer,
            _ => parameter.Kind == ParameterKind.Number,
        };
        if (!fits)
        {
            throw new LearnerException($"Parameter '{parameter.Name}' of {trainer} is {parameter.Admitted} and cannot be searched for as {Name(range.Kind)}; use {parameter.Kind switch
            {
                ParameterKind.Number => "uniform, log or choices",
                ParameterKind.Integer => "int or choices",
                _ => "choices",
            }}.");
        }

        foreach (var value in range.Kind == SearchRangeKind.Choice ? range.Choices : [range.Min, range.Max])
        {
            if (parameter.Read(value) is null)
                throw new LearnerException($"Parameter '{parameter.Name}' of {trainer} is searched for at {Convert.ToString(value, CultureInfo.InvariantCulture)}; it must be {parameter.Admitted}.");
        }
    }

    private static string Name(SearchRangeKind kind) => kind switch
    {
        SearchRangeKind.Uniform => "uniform",
        SearchRangeKind.LogUniform => "log",
        SearchRangeKind.Integer => "int",
        _ => "choices",
    };
}
