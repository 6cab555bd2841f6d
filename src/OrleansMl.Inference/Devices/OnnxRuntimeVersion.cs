using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>The native runtime's version.</summary>
public static class OnnxRuntimeVersion
{
    /// <summary>Such as <c>1.31.0</c>. To be asked for here: who asks the runtime itself makes its environment, and without the shared threads.</summary>
    public static string Text { get; } = Read();

    private static string Read()
    {
        _ = RuntimeThreads.IsShared;
        return OrtEnv.Instance().GetVersionString();
    }
}
