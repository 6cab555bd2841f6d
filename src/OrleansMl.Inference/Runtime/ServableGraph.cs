using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>The bytes that the runtime loads: a file's own, unless outputs of it cannot be had from the runtime as tensors.</summary>
internal static class ServableGraph
{
    /// <param name="bytes">A file that was accepted.</param>
    /// <param name="signature">What was read from it.</param>
    public static byte[] Of(ReadOnlyMemory<byte> bytes, ModelSignature signature)
    {
        var zipped = signature.Parts.Values.Where(p => p.Kind == OutputPartKind.MapValues).Select(p => p.Source).ToHashSet(StringComparer.Ordinal);
        if (zipped.Count == 0 && signature.OtherOutputs.IsEmpty)
            return ToArray(bytes);
        var model = ModelProto.Parser.ParseFrom(bytes.Span);
        ZipMaps.Unzip(model, zipped);
        // Nobody can ask for these, and the runtime's own API fails on a session that lists a type it does not know.
        ValueInfoProto[] servable = [.. model.Graph.Output.Where(o => !signature.OtherOutputs.ContainsKey(o.Name))];
        model.Graph.Output.Clear();
        model.Graph.Output.Add(servable);
        return model.ToByteArray();
    }

    private static byte[] ToArray(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : bytes.ToArray();
}
