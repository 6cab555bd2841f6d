using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Datasets;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.FineTune;

/// <summary>
/// One attempt: rows through the trunk into a file, once; then epochs over that file, each of which is a checkpoint; then the judgement
/// and the version. An attempt that goes on reads the same files in the same order, so it comes to the same head.
/// </summary>
internal sealed class FineTuneRun(IJobContext context, FineTunePlan plan, IDatasetStore datasets, IControlService control, JobOptions options)
{
    private readonly long _seed = context.Spec.Seed ?? 1;
    private readonly SortedDictionary<string, double> _metrics = new(StringComparer.Ordinal);

    public async Task<OmlResult<string>> RunAsync()
    {
        var checkpoint = context.Checkpoint is { } saved ? FineTuneCheckpoint.Read(saved) : await EmbedAsync();
        var fresh = Load(checkpoint.Fresh);
        var old = checkpoint.Old is { } before ? Load(before) : null;
        var learner = checkpoint.Learner is { } state ? (IHeadLearner)LearnerFactory.Restore(ReadScratch(state)) : Begin(old);
        for (var epoch = checkpoint.Epochs; epoch < plan.Parameters.Epochs; epoch++)
        {
            Learn(learner, fresh, epoch);
            var name = Scratch(string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch + 1}"));
            await using (var file = datasets.CreateScratch(name))
            {
                await file.WriteAsync(learner.Save(), context.Cancellation);
                file.Flush(flushToDisk: true);
            }

            checkpoint = checkpoint with { Epochs = epoch + 1, Learner = name };
            await context.SaveAsync("learn", checkpoint.ToBytes());
        }

        return await FinishAsync(learner.Head, fresh, old, checkpoint);
    }

    private async Task<FineTuneCheckpoint> EmbedAsync()
    {
        using var trunk = TrunkModel.Load(plan.Head);
        var total = (double)plan.Fresh.Rows + (plan.Old?.Rows ?? 0);
        var (fresh, old) = (Scratch("rows"), plan.Old is null ? null : Scratch("old"));
        var skipped = await EmbedAsync(trunk, plan.Fresh, fresh, 0, total);
        if (plan.Old is { } before)
            skipped += await EmbedAsync(trunk, before, old!, plan.Fresh.Rows, total);
        var checkpoint = new FineTuneCheckpoint(fresh, old, skipped, 0, null);
        await context.SaveAsync("embed", checkpoint.ToBytes());
        return checkpoint;
    }

    /// <summary>Embeds a data set into a file; answers how many rows have no label.</summary>
    private async Task<long> EmbedAsync(TrunkModel trunk, DatasetRecord dataset, string scratch, long done, double total)
    {
        var inputs = plan.InputsOf(HeadInputs.Columns(dataset, plan.Parameters, plan.Input.Name, plan.Width).Value);
        var rows = plan.Parameters.BatchRows;
        var (numbers, labels, embeddings) = (new float[rows * trunk.InputWidth], new double[rows], new float[rows * trunk.EmbeddingWidth]);
        var (count, skipped, kept) = (0, 0L, 0L);
        await using var file = datasets.CreateScratch(scratch);
        using var reader = RowReader.Open(dataset.Format, datasets.OpenContent(dataset), options.MaxRowBytes);
        await reader.ReadHeaderAsync(context.Cancellation);
        while (await reader.NextAsync(context.Cancellation))
        {
            if (!inputs.TryRead(reader, numbers.AsSpan(count * trunk.InputWidth, trunk.InputWidth), out labels[count]))
            {
                skipped++;
                continue;
            }

            if (++count == rows)
                Flush();
        }

        if (count > 0)
            Flush();
        file.Flush(flushToDisk: true);
        return kept >= 2
            ? skipped
            : throw new JobErrorException(OmlError.Invalid($"Data set '{dataset.Id}' has {kept} rows with a value of '{plan.Parameters.Label}'; at least 2 are needed.", "too_few_rows"));

        void Flush()
        {
            trunk.Embed(count, numbers.AsSpan(0, count * trunk.InputWidth), embeddings.AsSpan(0, count * trunk.EmbeddingWidth));
            EmbeddedRows.Write(file, labels.AsSpan(0, count), embeddings.AsSpan(0, count * trunk.EmbeddingWidth));
            (kept, count) = (kept + count, 0);
            Report("embed", 0.5 * (done + reader.Place.Row) / total);
        }
    }

    private IHeadLearner Begin(EmbeddedRows? old)
    {
        var learner = plan.Start(_seed);
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

    private void Learn(IHeadLearner learner, EmbeddedRows rows, int epoch)
    {
        const int RowsPerCheck = 1024;
        int[] order = [.. rows.Split.Train];
        new Random(unchecked((int)((_seed * 7919) + epoch))).Shuffle(order);
        var embedding = new double[learner.Head.DenseCount];
        for (var i = 0; i < order.Length; i++)
        {
            if (i % RowsPerCheck == 0)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Report("learn", 0.5 + (0.5 * (epoch + ((double)i / order.Length)) / plan.Parameters.Epochs));
            }

            rows.Read(order[i], embedding);
            learner.LearnOne(embedding, rows.LabelOf(order[i]));
        }
    }

    private async Task<OmlResult<string>> FinishAsync(HeadModel head, EmbeddedRows fresh, EmbeddedRows? old, FineTuneCheckpoint checkpoint)
    {
        var report = new FineTuneReport(
            HeadFigures.Of(plan.Head.Start, fresh),
            HeadFigures.Of(head, fresh),
            old is null ? null : HeadFigures.Of(plan.Head.Start, old),
            old is null ? null : HeadFigures.Of(head, old),
            plan.Parameters.Delta,
            checkpoint.Skipped);
        foreach (var (name, value) in report.Metrics())
            _metrics[name] = value;
        Report("write", 1);

        // The figures are those of the job from here on, also where it made no version.
        await context.SaveAsync("write", checkpoint.ToBytes());
        if (!report.IsKept)
        {
            await context.LogAsync("warning", report.WhyNot);
            return report.ToJson(context.Spec, null);
        }

        var classes = plan.Parameters.Classes;
        var bytes = HeadWriter.Write(plan.Head, head, classes.IsEmpty ? null : classes);
        var registration = new RegisterVersion(context.Spec.Model!, bytes) { Parent = plan.Version.Version, Pipeline = plan.Version.Pipeline, Postprocess = plan.Version.Postprocess, Tags = Tags() };
        var registered = await Patience.AskAsync(() => control.RegisterAsync(registration, context.Cancellation), options.Patience, context.Cancellation);
        return registered.TryGet(out var result, out var error) ? report.ToJson(context.Spec, result.Version.Manifest) : error;
    }

    private ImmutableSortedDictionary<string, string> Tags()
    {
        var tags = ImmutableSortedDictionary<string, string>.Empty
            .Add("trainer", HeadLearners.Type)
            .Add("job", context.JobId)
            .Add("dataset", plan.Fresh.Id)
            .Add("dataset.hash", plan.Fresh.Hash)
            .Add("seed", _seed.ToString(CultureInfo.InvariantCulture));
        if (plan.Old is { } old)
            tags = tags.Add("rehearsal", old.Id).Add("rehearsal.hash", old.Hash);
        return plan.Parameters.Classes.IsEmpty ? tags : tags.Add("classes", string.Join(',', plan.Parameters.Classes));
    }

    private EmbeddedRows Load(string scratch) => EmbeddedRows.Load(datasets, scratch, plan.Head.Start.DenseCount, plan.Parameters.Holdout, _seed);

    private byte[] ReadScratch(string name)
    {
        using var file = datasets.OpenScratch(name);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private string Scratch(string what) => string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.{what}");

    private void Report(string step, double fraction) => context.Report(step, fraction, _metrics.ToImmutableSortedDictionary(StringComparer.Ordinal));
}
