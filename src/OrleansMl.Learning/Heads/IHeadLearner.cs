namespace OrleansMl.Learning;

/// <summary>
/// Learns the head of a frozen network on embeddings, and rehearses what it saw before: each example goes with rows drawn from a
/// reservoir (experience replay on the trunk's outputs: Pellegrini, Graffieti, Lomonaco and Maltoni, arXiv 1912.01100).
/// </summary>
public interface IHeadLearner : IMulticlassLearner
{
    /// <summary>The head as it stands.</summary>
    HeadModel Head { get; }

    /// <summary>Rows in the reservoir.</summary>
    int Remembered { get; }

    /// <summary>Offers the reservoir a row without learning it: what the network was trained on before.</summary>
    /// <exception cref="ArgumentException">A row of another shape, or a label that is none of the target's.</exception>
    void Remember(in FeatureSpan x, double label, double weight = 1);

    /// <summary>
    /// What it knows now is what <c>ewc</c> holds on to: the weights become the anchor, and the reservoir says how much each of them
    /// matters (elastic weight consolidation: Kirkpatrick et al. 2017). Nothing happens where <c>ewc</c> is 0 or nothing is remembered.
    /// </summary>
    void Consolidate();

    /// <summary>The same learner with more classes, the new ones last and with weights of 0.</summary>
    /// <param name="classes">More than it has.</param>
    /// <exception cref="LearnerException">Fewer classes, more than the limit, or a learner of a value.</exception>
    IHeadLearner WithClasses(int classes);
}
