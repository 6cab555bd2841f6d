namespace OrleansMl.Inference.Tests.Batching;

/// <summary>Reading answers in assertions.</summary>
internal static class Answers
{
    /// <summary>The first output's values; the test fails when the request was rejected.</summary>
    public static async Task<long[]> ValuesAsync(this Task<BatchAnswer> task) => (await task.OutputsAsync())[0].Values<long>();

    public static async Task<IReadOnlyList<Tensor>> OutputsAsync(this Task<BatchAnswer> task)
    {
        var answer = await task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(answer.TryGet(out var outputs, out var rejection), rejection?.Detail);
        return outputs;
    }

    public static async Task<Rejection> RejectionAsync(this Task<BatchAnswer> task)
    {
        var answer = await task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(answer.TryGet(out _, out var rejection), "The request was answered.");
        return rejection!;
    }
}
