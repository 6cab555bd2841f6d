using System.Diagnostics;

namespace OrleansMl.Learning;

/// <summary>Says how far boosting is, at most four times a second: the loss on the training rows costs a pass over them.</summary>
internal sealed class BoostingProgress(IProgress<TrainingProgress>? progress, int iterations)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private long? _last;

    public void Report(int iteration, Func<double> trainLoss, double? validationLoss, bool isLast)
    {
        if (progress is null || (!isLast && (iteration == iterations || (_last is { } last && Stopwatch.GetElapsedTime(last) < s_pause))))
            return;
        progress.Report(new TrainingProgress(isLast ? 1 : (double)iteration / iterations, iteration, trainLoss(), validationLoss));
        _last = Stopwatch.GetTimestamp();
    }
}
