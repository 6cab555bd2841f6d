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
        string[] zipped = [.. signature.Parts.Values.Where(p => p.Kind == OutputPartKind.MapValues).Select(p => p.Source)];
        if (zipped.Length == 0 && signature.OtherOutputs.IsEmpty)
            return ToArray(bytes);
        var model = ModelProto.Parser.ParseFrom(bytes.Span);
        ZipMaps.Unzip(model, zipped);
        // Nobody can ask for these, and the runtime's own API fails on a session that lists a type it does not know.
        for (var i = model.Graph.Output.Count - 1; i >= 0; i--)
        {
            if (signature.OtherOutputs.ContainsKey(model.Graph.Output[i].Name))
                model.Graph.Output.RemoveAt(i);
        }

        return model.ToByteArray();
    }

    private static byte[] ToArray(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : bytes.ToArray();
}
