namespace OrleansMl.Learning;

/// <summary>What a learner takes and what it answers.</summary>
/// <param name="DenseCount">D ≥ 0: dense features.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: no hashed features; else 1–24.</param>
/// <param name="HashedCount">K: hashed features of a row. Trees and matrix factorization tell them apart by position; other learners take any number.</param>
/// <param name="Classes">0: a value is learned; 2 or more: classes 0 … C−1.</param>
public readonly record struct LearnerShape(int DenseCount, int HashBits, int HashedCount, int Classes)
{
    /// <summary>Limit of <see cref="HashBits"/>.</summary>
    public const int MaxHashBits = 24;

    /// <summary>Limit of <see cref="Classes"/>.</summary>
    public const int MaxClasses = 1000;

    /// <summary>A value is learned.</summary>
    public bool IsRegression => Classes == 0;

    /// <summary>One number answers all: the probability of class 1, or the value.</summary>
    public bool IsScalar => Classes is 0 or 2;

    /// <summary>Places of the hashed table.</summary>
    public int TableSize => HashBits == 0 ? 0 : 1 << HashBits;

    internal void Check()
    {
        if (DenseCount < 0 || HashBits is < 0 or > MaxHashBits)
            throw new LearnerException($"A learner takes 0 or more dense features and 0–{MaxHashBits} hash bits, not {DenseCount} and {HashBits}.");
        if (HashedCount < 0 || (HashedCount > 0 && HashBits == 0))
            throw new LearnerException($"A learner with {HashBits} hash bits cannot take {HashedCount} hashed features.");
        if (Classes is < 0 or 1 or > MaxClasses)
            throw new LearnerException($"A learner has 0 classes for a value, or 2–{MaxClasses}, not {Classes}.");
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(DenseCount);
        writer.Write(HashBits);
        writer.Write(HashedCount);
        writer.Write(Classes);
    }

    internal static LearnerShape Read(BinaryReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
}
