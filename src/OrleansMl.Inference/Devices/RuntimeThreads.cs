using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>
/// The runtime's threads that all sessions of the process share. A pool for each session, the runtime's own way, has a thread
/// for each core in every loaded model, and threads that spin take the cores from each other's work; one thread a session
/// leaves the cores idle under a single large request. One pool that does not spin was the fastest of the four at 1, 2, 4 and
/// 8 requests at once (docs/gpu.md).
/// </summary>
internal static class RuntimeThreads
{
    private static readonly Lazy<bool> s_isShared = new(Create);

    /// <summary>There is such a pool; false where the process had made the runtime's environment before, without one.</summary>
    public static bool IsShared => s_isShared.Value;

    private static bool Create()
    {
        if (OrtEnv.IsCreated)
            return false;
        using var threads = new OrtThreadingOptions { GlobalIntraOpNumThreads = 0, GlobalInterOpNumThreads = 1, GlobalSpinControl = false };
        var options = new EnvironmentCreationOptions { logId = "OrleansMl", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, threadOptions = threads };
        try
        {
            _ = OrtEnv.CreateInstanceWithOptions(ref options);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            // Another part of the process was faster.
            return false;
        }
    }
}
