using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Answers of more than two classes in a <see cref="NumberTable"/>: under a name the most probable class, and beside it, under the name
/// and a suffix, the probability of the truth and the squared error.
/// </summary>
public static class ClassAnswerColumns
{
    private const string OfTruth = ".ofTruth";
    private const string SquaredError = ".squaredError";

    public static NumberTable With(this NumberTable table, string name, ClassAnswer[] answers)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table
            .With(name, Array.ConvertAll(answers, answer => (double)answer.Class))
            .With(name + OfTruth, Array.ConvertAll(answers, answer => answer.OfTruth))
            .With(name + SquaredError, Array.ConvertAll(answers, answer => answer.SquaredError));
    }

    /// <exception cref="KeyNotFoundException">There are none of this name.</exception>
    public static ClassAnswer[] Answers(this NumberTable table, string name)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (said, ofTruth, squared) = (table[name], table[name + OfTruth], table[name + SquaredError]);
        var answers = new ClassAnswer[said.Length];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = new ClassAnswer((int)said[i], ofTruth[i], squared[i]);
        return answers;
    }

    /// <summary>Names of answers, without the columns beside them.</summary>
    public static IEnumerable<string> AnswerNames(this NumberTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Names.Where(name => table.Find(name + OfTruth) is not null);
    }
}
