using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Holds a program's model to its contract before anybody relies on it: <c>input</c> FP32 [N,F]; for classes <c>label</c> INT64 (a class's
/// number) or BYTES (its name) [N] and <c>probabilities</c> FP32 [N,C], for a value <c>variable</c> FP32 [N,1]; and answers on real rows that are
/// finite, sum to 1 and name a class.
/// </summary>
internal sealed class CommandModelCheck(CommandTrainingData data)
{
    private const int RowsAtOnce = 1024;

    /// <summary>How far a row's probabilities may sum from 1: float32 sums of many classes are not exact.</summary>
    private const double SumTolerance = 1e-3;

    /// <summary>How far one may be outside [0, 1]: the sum of a thousand trees in float32 may be 1.00001.</summary>
    private const double RangeTolerance = 1e-4;

    private int F => data.Features.Length;

    private int C => data.Classes.Length;

    /// <summary>Checks the bytes of a model file.</summary>
    /// <exception cref="CommandTrainerException">The contract is not kept.</exception>
    public void Check(byte[] bytes, CancellationToken cancellationToken)
    {
        var inspected = OnnxModelFile.Inspect(bytes);
        if (!inspected.IsAccepted)
            throw Refused(inspected.Code == InspectCodes.UnsupportedType ? CommandTrainerCodes.WrongSignature : CommandTrainerCodes.NotOnnx, inspected.Detail);
        CheckSignature(inspected.File.Signature);
        using var model = Load(bytes);
        var rows = data.Validation is { Count: > 0 } validation ? validation : data.Train;
        for (var start = 0; start < rows.Count; start += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckAnswers(model, rows, start, Math.Min(RowsAtOnce, rows.Count - start));
        }
    }

    private static OnnxModel Load(byte[] bytes)
    {
        try
        {
            return OnnxModel.Load(bytes);
        }
        catch (ModelLoadException exception)
        {
            throw Refused(CommandTrainerCodes.LoadFailed, exception.Message, exception);
        }
    }

    private void CheckSignature(ModelSignature signature)
    {
        if (signature.Inputs is not [{ Name: ForeignModel.Input, Type: TensorType.Fp32, Shape: [< 0, var width] }] || (width >= 0 && width != F))
            throw Wrong($"its inputs are {List(signature.Inputs)}; there must be one, '{ForeignModel.Input}' FP32 [-1,{F}], a row of {F} features in the order of {CommandFolder.Schema}");
        if (C == 0)
        {
            Require(signature, ExportNames.Variable, TensorType.Fp32, 1);
            return;
        }

        Require(signature, ExportNames.Probabilities, TensorType.Fp32, C);
        if (signature.FindOutput(ExportNames.Label) is not { } label || label.Type is not (TensorType.Int64 or TensorType.Bytes))
            throw Wrong($"its outputs are {List(signature.Outputs)}; there must be '{ExportNames.Label}' INT64 [-1], the number of a class, or BYTES [-1], its name");
        if (signature.Parts.TryGetValue(ExportNames.Probabilities, out var part) && part.Labels is { } keys)
            CheckKeys(keys);
    }

    private void Require(ModelSignature signature, string name, TensorType type, int columns)
    {
        if (signature.FindOutput(name) is not { } output || output.Type != type || (output.HasShape && (output.Shape.Length != 2 || (output.Shape[1] >= 0 && output.Shape[1] != columns))))
            throw Wrong($"its outputs are {List(signature.Outputs)}; there must be '{name}' {type.ToProtocolName()} [-1,{columns}]{(C > 0 ? $", a column for each of the {C} classes in the order of {CommandFolder.Schema}" : "")}");
    }

    /// <summary>Probabilities by map (ZipMap) carry their classes: another order would be served as it stands.</summary>
    private void CheckKeys(Tensor keys)
    {
        var found = keys.Type == TensorType.Int64
            ? MemoryMarshal.Cast<byte, long>(keys.Data.Span).ToArray().Select(key => key.ToString(CultureInfo.InvariantCulture)).ToArray()
            : [.. keys.Elements.ToArray().Select(Text)];
        var wanted = keys.Type == TensorType.Int64 ? Enumerable.Range(0, C).Select(number => number.ToString(CultureInfo.InvariantCulture)) : data.Classes;
        if (!found.SequenceEqual(wanted))
            throw Wrong($"its probabilities are of the classes {string.Join(", ", found)}, in this order; the schema's are {string.Join(", ", wanted)}");
    }

    private void CheckAnswers(OnnxModel model, TrainingRows rows, int start, int count)
    {
        var features = new float[count * F];
        for (var i = 0; i < features.Length; i++)
            features[i] = (float)rows.Dense[(start * F) + i];
        IReadOnlyList<Tensor> answers;
        string[] names = C == 0 ? [ExportNames.Variable] : [ExportNames.Probabilities, ExportNames.Label];
        try
        {
            answers = model.Run([new Tensor(ForeignModel.Input, TensorType.Fp32, new long[] { count, F }, MemoryMarshal.AsBytes(features.AsSpan()).ToArray())], names);
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException)
        {
            throw Refused(CommandTrainerCodes.WrongSignature, $"It fails on rows {start} to {start + count - 1} of {count} at once: {exception.Message}", exception);
        }

        var columns = Math.Max(1, C);
        if (!answers[0].Shape.Span.SequenceEqual([count, columns]))
            throw Wrong($"for {count} rows its '{names[0]}' has the shape [{string.Join(',', answers[0].Shape.ToArray())}], not [{count},{columns}]");
        var numbers = MemoryMarshal.Cast<byte, float>(answers[0].Data.Span);
        for (var row = 0; row < count; row++)
            CheckRow(start + row, numbers.Slice(row * columns, columns));
        if (C > 0)
            CheckLabels(answers[1], start, count);
    }

    private void CheckRow(int row, ReadOnlySpan<float> answer)
    {
        double sum = 0;
        foreach (var value in answer)
        {
            if (!float.IsFinite(value))
                throw Refused(CommandTrainerCodes.NotFinite, $"Its answer for row {row} is {value.ToString(CultureInfo.InvariantCulture)}; let it answer a finite number for every row, with missing features too.");
            if (C > 0 && (value < -RangeTolerance || value > 1 + RangeTolerance))
                throw Refused(CommandTrainerCodes.WrongAnswer, $"A probability of row {row} is {value.ToString(CultureInfo.InvariantCulture)}; it must be in [0, 1].");
            sum += value;
        }

        if (C > 0 && Math.Abs(sum - 1) > SumTolerance)
            throw Refused(CommandTrainerCodes.WrongAnswer, $"The probabilities of row {row} sum to {sum.ToString("0.######", CultureInfo.InvariantCulture)}; they must sum to 1 (within {SumTolerance.ToString(CultureInfo.InvariantCulture)}).");
    }

    private void CheckLabels(Tensor labels, int start, int count)
    {
        if (labels.Shape.Span is not [var n] || n != count)
            throw Wrong($"for {count} rows its '{ExportNames.Label}' has the shape [{string.Join(',', labels.Shape.ToArray())}], not [{count}]");
        for (var row = 0; row < count; row++)
        {
            var known = labels.Type == TensorType.Int64
                ? MemoryMarshal.Cast<byte, long>(labels.Data.Span)[row] is var number && number >= 0 && number < C
                : data.Classes.Contains(Text(labels.Elements.Span[row]));
            if (!known)
                throw Refused(CommandTrainerCodes.WrongAnswer, $"Its label of row {start + row} is {(labels.Type == TensorType.Int64 ? MemoryMarshal.Cast<byte, long>(labels.Data.Span)[row].ToString(CultureInfo.InvariantCulture) : $"'{Text(labels.Elements.Span[row])}'")}; a label is the number of a class, 0 to {C - 1}, or its name ({string.Join(", ", data.Classes)}).");
        }
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static string List(ImmutableArray<TensorSpec> specs)
        => specs.IsEmpty ? "none" : string.Join(", ", specs.Select(spec => $"'{spec.Name}' {spec.Type.ToProtocolName()} {spec.ShapeText}"));

    private static CommandTrainerException Wrong(string why) => Refused(CommandTrainerCodes.WrongSignature, $"Of the model {why}.");

    private static CommandTrainerException Refused(string code, string why, Exception? inner = null)
        => new(code, $"The trainer's {CommandFolder.Model} is not taken. {why}", inner);
}
