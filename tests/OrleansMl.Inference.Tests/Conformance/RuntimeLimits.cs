namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>
/// The cases that ONNX Runtime itself cannot run on the CPU, each with a part of the runtime's own reason. The list is
/// exact: a case that a newer runtime learns to run fails its test here and moves to the others.
/// </summary>
internal static class RuntimeLimits
{
    // Recurrent kernels of the CPU take the time axis first only.
    private const string TimeFirst = "Batchwise recurrent operations (layout == 1) are not supported";

    public static readonly SortedDictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        // Optimiser steps belong to the preview domain, which is not built into the runtime.
        ["test_adagrad"] = "ai.onnx.preview.training:Adagrad(-1) is not a registered function/op",
        ["test_adagrad_multiple"] = "ai.onnx.preview.training:Adagrad(-1) is not a registered function/op",
        ["test_adam"] = "ai.onnx.preview.training:Adam(-1) is not a registered function/op",
        ["test_adam_multiple"] = "ai.onnx.preview.training:Adam(-1) is not a registered function/op",
        ["test_momentum"] = "ai.onnx.preview.training:Momentum(-1) is not a registered function/op",
        ["test_momentum_multiple"] = "ai.onnx.preview.training:Momentum(-1) is not a registered function/op",
        ["test_nesterov_momentum"] = "ai.onnx.preview.training:Momentum(-1) is not a registered function/op",
        ["test_gru_batchwise"] = TimeFirst,
        ["test_lstm_batchwise"] = TimeFirst,
        // No kernel for UINT64, although the operator has others.
        ["test_top_k_uint64"] = "Could not find an implementation for TopK(24)",
    };
}
