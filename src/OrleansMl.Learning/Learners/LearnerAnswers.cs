namespace OrleansMl.Learning;

/// <summary>Answers of learners as rows of numbers: one number, or a probability for each of more than two classes.</summary>
public static class LearnerAnswers
{
    /// <summary>What the learner says of a row. Never changes it.</summary>
    /// <param name="learner">Of as many classes as there is room for, or of one number.</param>
    /// <param name="x">The transformed row.</param>
    /// <param name="answer">[1], or [C] of more than two classes; written.</param>
    /// <exception cref="ArgumentException">A row of another shape, or another number of classes.</exception>
    public static void Answer(this ILearner learner, in FeatureSpan x, Span<double> answer)
    {
        ArgumentNullException.ThrowIfNull(learner);
        if (answer.Length == 1)
            answer[0] = learner.PredictOne(x);
        else if (learner is IMulticlassLearner ofClasses)
            ofClasses.PredictProbabilities(x, answer);
        else
            throw new ArgumentException($"A learner of type {learner.Type} answers one number, and {answer.Length} classes are asked for.", nameof(learner));
    }
}
