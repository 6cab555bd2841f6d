namespace OrleansMl.Inference.Tests.Batching;

/// <summary>Reading answers in assertions.</summary>
internal static class Answers
{
    /// <summary>The first output has these values.</summary>
    public static async Task GivesAsync(this Task<BatchAnswer> task, params long[] expected) => Assert.Equal(expected, (await task.OutputsAsync())[0].Values<long>());

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
