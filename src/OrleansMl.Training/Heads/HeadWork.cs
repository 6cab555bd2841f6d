using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Carries out the plan of a head that lies in a folder; what a journal there says is done on the same inputs is not done again. <c>embed</c> sends the rows through
/// the trunk, once; <c>learn</c> makes a pass over them, and each is a step; <c>write</c> gives the network with the new head, and what both networks answer for the
/// rows that were held out. A work that goes on reads the same files in the same order, so it comes to the same head.
/// </summary>
public sealed class HeadWork(string folder, TextWriter output)
{
    /// <summary>Names of the steps, in order.</summary>
    public const string Embed = "embed";
    public const string Learn = "learn";
    public const string Write = "write";

    /// <summary>Files of <see cref="Write"/>.</summary>
    public const string NetworkFile = "network.onnx";
    public const string HeldFile = "held.bin";
    public const string HeldBeforeFile = "held-before.bin";

    private const string EmbeddedFile = "embedded.bin";
    private const string EmbeddedBeforeFile = "embedded-before.bin";
    private const string LearnerPrefix = "learner-";
    private const string LearnerSuffix = ".bin";

    /// <summary>How far the whole is when rows are embedded, and when they are learned.</summary>
    private const double EmbedEnd = 0.5;
    private const double LearnEnd = 0.9;

    private readonly WorkJournal _journal = WorkJournal.Open(folder);

    /// <summary>All that a plan asks for is done and whole in a folder.</summary>
    public static bool IsDone(string folder, HeadPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var (journal, input) = (WorkJournal.Open(folder), plan.Hash());
        return journal.Holds(Embed, input) && EpochsDone(journal, input = LearnInput(journal, input)) == plan.Epochs && journal.Holds(Write, WriteInput(journal, input));
    }

    /// <summary>Answers with the exit code: 0, or <see cref="WorkWords.FailedExitCode"/> with a <see cref="WorkFailure"/> beside the plan.</summary>
    public int Run(CancellationToken cancellationToken)
    {
        try
        {
            RunPlan(HeadPlan.Read(folder), cancellationToken);
            return 0;
        }
        catch (HeadException exception)
        {
            return Fail(exception.Code, exception.Message);
        }
        catch (LearnerException exception)
        {
            return Fail("learning_failed", exception.Message);
        }
        catch (InferenceRunException exception)
        {
            return Fail("embedding_failed", exception.Message);
        }
        catch (ModelLoadException exception)
        {
            return Fail(exception.Code, exception.Message);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            return Fail("rows_damaged", exception.Message);
        }
    }

    private void RunPlan(HeadPlan plan, CancellationToken cancellationToken)
    {
        var input = plan.Hash();
        var head = HeadFinder.Find(Whole(HeadPlan.ParentFile, plan.ParentHash));
        if (!_journal.Holds(Embed, input))
            EmbedRows(plan, head, input, cancellationToken);
        input = LearnInput(_journal, input);
        var (fresh, old) = (Load(EmbeddedFile), plan.Old is null ? null : Load(EmbeddedBeforeFile));
        var epochs = EpochsDone(_journal, input);
        var learner = epochs > 0 ? (IHeadLearner)LearnerFactory.Restore(File.ReadAllBytes(At(LearnerFile(epochs)))) : Begin(plan, head, old);
        for (; epochs < plan.Epochs; epochs++)
        {
            LearnEpoch(plan, learner, fresh, epochs, cancellationToken);
            File.WriteAllBytes(At(LearnerFile(epochs + 1)), learner.Save());
            Done(Learn, input, Learned(plan, epochs + 1), LearnerFile(epochs + 1));
            if (epochs > 0)
                File.Delete(At(LearnerFile(epochs)));
        }

        input = WriteInput(_journal, input);
        if (!_journal.Holds(Write, input))
            WriteNetwork(plan, head, learner.Head, input, cancellationToken);

        EmbeddedRows Load(string file) => EmbeddedRows.Load(At(file), head.Start.DenseCount, plan);
    }

    private void EmbedRows(HeadPlan plan, NetworkHead head, string input, CancellationToken cancellationToken)
    {
        using var trunk = TrunkModel.Load(head);
        var total = Count(plan.Fresh) + (plan.Old is { } old ? Count(old) : 0.0);
        EmbedFile(plan, trunk, plan.Fresh, EmbeddedFile, rows => Say(EmbedEnd * rows / total), cancellationToken);
        if (plan.Old is { } before)
            EmbedFile(plan, trunk, before, EmbeddedBeforeFile, rows => Say(EmbedEnd * (Count(plan.Fresh) + rows) / total), cancellationToken);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total} rows are embedded as {trunk.EmbeddingWidth} numbers each{(trunk.IsBatched ? "" : ", one by one, as the network takes one at a time")}."));
        Done(Embed, input, EmbedEnd, plan.Old is null ? [EmbeddedFile] : [EmbeddedFile, EmbeddedBeforeFile]);

        int Count(HeadRows rows) => VectorFile.Count(rows.File, trunk.InputWidth);
    }

    private void EmbedFile(HeadPlan plan, TrunkModel trunk, HeadRows rows, string target, Action<int> report, CancellationToken cancellationToken)
    {
        if (WorkJournal.HashOfFile(rows.File) != rows.Hash)
            throw new InvalidDataException($"The file of rows '{rows.File}' is not the one of the plan (SHA-256 {rows.Hash}).");
        var (count, batch) = (VectorFile.Count(rows.File, trunk.InputWidth), plan.BatchRows);
        var (numbers, labels, embeddings) = (new float[batch * trunk.InputWidth], new double[batch], new float[batch * trunk.EmbeddingWidth]);
        using var source = new BufferedStream(File.OpenRead(rows.File), 1 << 16);
        using var file = File.Create(At(target));
        for (var from = 0; from < count; from += batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var n = Math.Min(batch, count - from);
            var input = numbers.AsSpan(0, n * trunk.InputWidth);
            var embedding = embeddings.AsSpan(0, n * trunk.EmbeddingWidth);
            VectorFile.Read(source, labels.AsSpan(0, n), input);
            trunk.Embed(n, input, embedding);
            VectorFile.Write(file, labels.AsSpan(0, n), embedding);
            report(from + n);
        }

        file.Flush(flushToDisk: true);
    }

    private static IHeadLearner Begin(HeadPlan plan, NetworkHead head, EmbeddedRows? old)
    {
        var learner = HeadPlan.Start(head.Start, plan.Classes, plan.Parameters, plan.Seed);
        if (old is null)
            return learner;
        var embedding = new double[learner.Head.DenseCount];
        foreach (var row in old.Split.Train)
        {
            old.Read(row, embedding);
            learner.Remember(embedding, old.LabelOf(row));
        }

        learner.Consolidate();
        return learner;
    }

    private void LearnEpoch(HeadPlan plan, IHeadLearner learner, EmbeddedRows rows, int epoch, CancellationToken cancellationToken)
    {
        const int RowsPerCheck = 1024;
        int[] order = [.. rows.Split.Train];
        new Random(unchecked((int)((plan.Seed * 7919) + epoch))).Shuffle(order);
        var embedding = new double[learner.Head.DenseCount];
        for (var i = 0; i < order.Length; i++)
        {
            if (i % RowsPerCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Say(Learned(plan, epoch + ((double)i / order.Length)));
            }

            rows.Read(order[i], embedding);
            learner.LearnOne(embedding, rows.LabelOf(order[i]));
        }
    }

    private void WriteNetwork(HeadPlan plan, NetworkHead head, HeadModel learned, string input, CancellationToken cancellationToken)
    {
        var bytes = HeadWriter.Write(head, learned, plan.ClassNames.IsEmpty ? null : plan.ClassNames);
        File.WriteAllBytes(At(NetworkFile), bytes);
        using (var parent = NetworkAnswers.Load(head))
        using (var child = NetworkAnswers.Load(HeadFinder.Find(bytes)))
        {
            var shares = plan.Old is null ? 1 : 2;
            Ask(plan.Fresh, HeldFile, 0);
            if (plan.Old is { } old)
                Ask(old, HeldBeforeFile, 1);

            void Ask(HeadRows rows, string file, int done) =>
                HeldOutAnswers.Ask(parent, child, rows.File, plan, share => Say(LearnEnd + ((1 - LearnEnd) * (done + share) / shares)), cancellationToken).Write(At(file));
        }

        Done(Write, input, 1, plan.Old is null ? [NetworkFile, HeldFile] : [NetworkFile, HeldFile, HeldBeforeFile]);
    }

    private static double Learned(HeadPlan plan, double epochs) => EmbedEnd + ((LearnEnd - EmbedEnd) * epochs / plan.Epochs);

    private static string LearnInput(WorkJournal journal, string input) => WorkJournal.HashOf([input, .. journal.FilesOf(Embed).Select(file => journal.HashOf(Embed, file))]);

    private static string WriteInput(WorkJournal journal, string input) => WorkJournal.HashOf(input, journal.HashOf(Learn, journal.FilesOf(Learn).Single()));

    /// <summary>Passes whose learner is there and whole.</summary>
    private static int EpochsDone(WorkJournal journal, string input) => journal.Holds(Learn, input)
        ? int.Parse(journal.FilesOf(Learn).Single().AsSpan(LearnerPrefix.Length)[..^LearnerSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture)
        : 0;

    private static string LearnerFile(int epochs) => string.Create(CultureInfo.InvariantCulture, $"{LearnerPrefix}{epochs}{LearnerSuffix}");

    /// <exception cref="InvalidDataException">It is another file.</exception>
    private byte[] Whole(string file, string hash) => WorkJournal.HashOfFile(At(file)) == hash
        ? File.ReadAllBytes(At(file))
        : throw new InvalidDataException($"'{At(file)}' is not the network of the plan (SHA-256 {hash}).");

    private void Say(double progress)
    {
        output.WriteLine(WorkWords.Progress(progress));
        output.Flush();
    }

    private void Done(string step, string input, double progress, params ReadOnlySpan<string> files)
    {
        _journal.Add(step, input, files);
        output.WriteLine(WorkWords.Progress(progress));
        output.WriteLine(WorkWords.Step(step));
        output.Flush();
    }

    private int Fail(string code, string detail)
    {
        new WorkFailure(code, detail).Write(folder);
        return WorkWords.FailedExitCode;
    }

    private string At(string file) => Path.Combine(folder, file);
}
