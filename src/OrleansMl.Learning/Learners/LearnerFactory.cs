using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Makes learners by type and parameters as application files give them.</summary>
public static class LearnerFactory
{
    private const int MaxHashBits = 24;

    /// <summary>Types that can be made.</summary>
    public static IReadOnlyList<string> Types { get; } = [LinearLearner.LogisticRegression, LinearLearner.LinearRegression];

    /// <summary>Makes a learner that has learned nothing.</summary>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="parameters">learningRate (0, 100], powerT [0, 1], adaptive, normalized, invariant, l2 [0, 1), clipToLabelRange (linear_regression).</param>
    /// <param name="denseCount">D ≥ 0.</param>
    /// <param name="hashBits">0: no hashed features; else 1–24.</param>
    /// <param name="seed">For learners that draw numbers; the linear ones draw none.</param>
    /// <exception cref="LearnerException">An unknown type or parameter, or a value out of range.</exception>
    public static ILearner Create(string type, IReadOnlyDictionary<string, object>? parameters, int denseCount, int hashBits, long seed)
    {
        if (!Types.Contains(type))
            throw new LearnerException($"There is no learner '{type}' (available: {string.Join(", ", Types)}).");
        if (denseCount < 0 || hashBits is < 0 or > MaxHashBits)
            throw new LearnerException($"A learner takes 0 or more dense features and 0–{MaxHashBits} hash bits, not {denseCount} and {hashBits}.");
        _ = seed;
        var read = new ParameterReader(type, parameters);
        var defaults = new LinearOptions();
        var logistic = type == LinearLearner.LogisticRegression;
        var options = new LinearOptions
        {
            LearningRate = read.Number("learningRate", defaults.LearningRate, value => value is > 0 and <= 100, "(0, 100]"),
            PowerT = read.Number("powerT", defaults.PowerT, value => value is >= 0 and <= 1, "[0, 1]"),
            Adaptive = read.Flag("adaptive", defaults.Adaptive),
            Normalized = read.Flag("normalized", defaults.Normalized),
            Invariant = read.Flag("invariant", defaults.Invariant),
            L2 = read.Number("l2", defaults.L2, value => value is >= 0 and < 1, "[0, 1)"),
            ClipToLabelRange = logistic ? defaults.ClipToLabelRange : read.Flag("clipToLabelRange", defaults.ClipToLabelRange),
        };
        read.RefuseOthers();
        return new LinearLearner(logistic, options, denseCount, hashBits);
    }

    /// <summary>Brings back what <see cref="ILearner.Save"/> wrote; the learner goes on bit for bit.</summary>
    /// <exception cref="LearnerException">Damaged bytes, an unknown type or a version of the future.</exception>
    public static ILearner Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (type, version, reader) => Types.Contains(type)
        ? LinearLearner.Restore(type, version, reader)
        : throw new LearnerException($"The saved state is of a learner '{type}', which this program does not know (available: {string.Join(", ", Types)})."));

    private sealed class ParameterReader(string type, IReadOnlyDictionary<string, object>? parameters)
    {
        private readonly HashSet<string> _known = new(StringComparer.Ordinal);

        public double Number(string name, double fallback, Predicate<double> valid, string range)
        {
            _known.Add(name);
            if (parameters is null || !parameters.TryGetValue(name, out var given))
                return fallback;
            var value = given is IConvertible and not (string or bool) ? Convert.ToDouble(given, CultureInfo.InvariantCulture) : double.NaN;
            return valid(value) ? value : throw new LearnerException($"Parameter '{name}' of {type} is {Show(given)}; it must be a number in {range}.");
        }

        public bool Flag(string name, bool fallback)
        {
            _known.Add(name);
            if (parameters is null || !parameters.TryGetValue(name, out var given))
                return fallback;
            return given as bool? ?? throw new LearnerException($"Parameter '{name}' of {type} is {Show(given)}; it must be true or false.");
        }

        public void RefuseOthers()
        {
            if (parameters?.Keys.FirstOrDefault(name => !_known.Contains(name)) is { } unknown)
                throw new LearnerException($"{type} has no parameter '{unknown}' (available: {string.Join(", ", _known)}).");
        }

        private static string Show(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null";
    }
}
