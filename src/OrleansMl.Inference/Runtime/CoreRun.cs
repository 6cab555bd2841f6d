using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>Pinned buffers of a core graph, bound to a session. For one run at a time.</summary>
internal sealed class CoreRun : IDisposable
{
    private readonly CoreModel _core;
    private readonly OrtIoBinding _binding;
    private readonly List<OrtValue> _bound = new(4);
    private float[] _features = [];
    private long[] _indices = [];
    private float[] _values = [];
    private float[] _output = [];
    private int _rows = -1;
    private int _hashed = -1;

    public CoreRun(CoreModel core) => (_core, _binding) = (core, core.Model.Session.CreateIoBinding());

    /// <summary>Numbers held.</summary>
    public long Size => (long)_features.Length + _indices.Length + _values.Length + _output.Length;

    public void Execute(int rows, ReadOnlySpan<float> features, ReadOnlySpan<long> indices, ReadOnlySpan<float> values, Span<float> output)
    {
        Bind(rows, indices.Length / rows);
        features.CopyTo(_features);
        indices.CopyTo(_indices);
        values.CopyTo(_values);
        _core.Model.Session.RunWithBinding(_core.Model.RunOptions, _binding);
        _output.AsSpan(0, output.Length).CopyTo(output);
    }

    public void Dispose()
    {
        _binding.Dispose();
        Unbind();
    }

    private void Bind(int rows, int hashed)
    {
        if (rows == _rows && hashed == _hashed)
            return;
        // Not bound until all is: a failure half way must not leave the old shape on record.
        _rows = -1;
        _binding.ClearBoundInputs();
        _binding.ClearBoundOutputs();
        Unbind();

        _binding.BindInput(ExportNames.Features, Over(ref _features, rows, _core.FeatureCount));
        if (_core.IsHashed)
        {
            _binding.BindInput(ExportNames.HashedIndices, Over(ref _indices, rows, hashed));
            _binding.BindInput(ExportNames.HashedValues, Over(ref _values, rows, hashed));
        }

        _binding.BindOutput(_core.OutputName, Over(ref _output, rows, _core.OutputWidth));
        (_rows, _hashed) = (rows, hashed);
    }

    private OrtValue Over<T>(ref T[] buffer, int rows, int columns)
        where T : unmanaged
    {
        var count = checked(rows * columns);
        // Never empty: the runtime wants an address even for no elements.
        if (buffer.Length < Math.Max(1, count))
            buffer = GC.AllocateUninitializedArray<T>(Math.Max(1, count), pinned: true);
        var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffer.AsMemory(0, Math.Max(1, count)), [rows, columns]);
        _bound.Add(value);
        return value;
    }

    private void Unbind()
    {
        foreach (var value in _bound)
            value.Dispose();
        _bound.Clear();
    }
}
