using System.Diagnostics;
using OrleansMl.Services;

namespace OrleansMl.Jobs;

/// <summary>Asks again for what is unavailable now: a model that loads, a full queue. A job has time, and gives way to requests.</summary>
internal static class Patience
{
    /// <summary>Between two questions.</summary>
    public static readonly DoublingPause Pause = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(2));

    /// <summary>The first answer that is not 503.</summary>
    /// <exception cref="TimeoutException">It was so for longer than the patience.</exception>
    public static async Task<OmlResult<T>> AskAsync<T>(Func<Task<OmlResult<T>>> ask, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        for (var asked = 1; ; asked++)
        {
            OmlError? unavailable;
            try
            {
                var answer = await ask();
                if (answer.Error is not { Status: 503 } error)
                    return answer;
                unavailable = error;
            }
            catch (Exception exception) when (exception is not OperationCanceledException && Unavailability.Explain(exception) is { } explained)
            {
                unavailable = explained;
            }

            if (Stopwatch.GetElapsedTime(since) > patience)
                throw new TimeoutException($"For {patience} it was so: {unavailable.Detail}");
            await Task.Delay(Pause.After(asked), cancellationToken);
        }
    }
}
