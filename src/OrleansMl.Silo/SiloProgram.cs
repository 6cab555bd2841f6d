namespace OrleansMl.Silo;

/// <summary>One silo and its gateway in this process, from options to the exit code.</summary>
public static class SiloProgram
{
    /// <summary>Runs until the process is told to stop or <paramref name="cancellationToken"/> is cancelled.</summary>
    /// <returns>The exit code: 0 done, 1 failed, 2 usage or invalid file, 3 a prerequisite is missing.</returns>
    public static Task<int> RunAsync(UpOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        throw new NotSupportedException("This build has no silo: it holds the command line alone.");
    }
}
