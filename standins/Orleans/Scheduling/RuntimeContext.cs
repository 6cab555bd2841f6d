namespace Orleans.Runtime;

/// <summary>The activation whose turn this thread runs; null outside of turns, in Task.Run and after ConfigureAwait(false).</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? s_current;

    public static IGrainContext? Current
    {
        get => s_current;
        set => s_current = value;
    }

    /// <exception cref="InvalidOperationException">The caller is outside of a turn.</exception>
    public static void Require(IGrainContext owner, string what)
    {
        var current = s_current;
        if (current is null)
        {
            throw new InvalidOperationException(
                $"{what} was used outside of a turn of grain '{owner.GrainId}' (in Task.Run, after ConfigureAwait(false), or from another thread). Use it inside the grain's own calls only.");
        }
    }
}
