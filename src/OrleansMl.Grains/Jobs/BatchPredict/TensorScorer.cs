using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansMl.Datasets;
using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>
/// Scores rows as <c>/v2/…/infer</c> does: columns become tensors, rows gather to the model's largest batch. At the lowest priority,
/// where the model has levels.
/// </summary>
internal sealed class TensorScorer : IRowScorer
{
    private readonly IInferenceService _inference;
    private readonly ImmutableArray<TensorInput> _inputs;
    private readonly ServedModel _model;
    private readonly JobOptions _options;
    private readonly string _version;
    private readonly InferParameters _parameters;

    public TensorScorer(IInferenceService inference, ServedModel model, ImmutableArray<TensorInput> inputs, BatchPredictParams parameters, JobOptions options)
    {
        (_inference, _model, _inputs, _options) = (inference, model, inputs, options);
        _version = model.Manifest.Version.ToString(CultureInfo.InvariantCulture);
        _parameters = new InferParameters { Priority = model.Config.Message.DynamicBatching?.PriorityLevels ?? 0 };
        // Rows whose number of values is their own do not share a tensor.
        var most = model.Config.IsBatched && inputs.All(i => i.Elements is not null) ? model.Config.Message.MaxBatchSize : 1;
        BatchRows = Math.Min(parameters.BatchRows ?? most, most);
    }

    public int BatchRows { get; }

    public ImmutableArray<ResultColumn> Columns => [.. _model.Manifest.Outputs.Select(o => new ResultColumn("outputs", o.Name, WidthOf(o)))];

    public async Task<RowResult[]> ScoreAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken)
    {
        var results = new RowResult[rows.Count];
        var good = new List<int>(rows.Count);
        var elements = new Elements[_inputs.Length];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = new Elements(_inputs[i], rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            if (TryAdd(elements, rows[row].Values) is { } error)
                results[row] = error;
            else
                good.Add(row);
        }

        if (good.Count > 0)
            await RunAsync(elements, good, 0, good.Count, results, cancellationToken);
        return results;
    }

    private OmlError? TryAdd(Elements[] elements, DataRow values)
    {
        for (var i = 0; i < elements.Length; i++)
        {
            if (elements[i].TryAdd(values) is not { } why)
                continue;
            // What the inputs before have taken of the row goes again.
            for (var j = 0; j < i; j++)
                elements[j].DropLast();
            return OmlError.Invalid(why, "invalid_value");
        }

        return null;
    }

    /// <summary>Runs some of the rows; where the model refuses them, halves of them, so that only the rows at fault have an error.</summary>
    private async Task RunAsync(Elements[] elements, List<int> good, int first, int count, RowResult[] results, CancellationToken cancellationToken)
    {
        Tensor[] tensors = [.. elements.Select(e => e.ToTensor(first, count, _model.Config.IsBatched))];
        var answer = await Patience.AskAsync(
            () => _inference.InferAsync(new InferRequest(_model.Manifest.Model, _version, tensors, []) { Parameters = _parameters }, cancellationToken),
            _options.Patience,
            cancellationToken);
        if (answer.TryGet(out var answered, out var error) && (count == 1 || answered.Outputs.All(o => o.Shape.Length > 0 && o.Shape.Span[0] == count)))
        {
            for (var i = 0; i < count; i++)
                results[good[first + i]] = ReadRow(answered.Outputs, i, count);
            return;
        }

        if (error is { Status: 404 or 409 or >= 500 })
            throw new JobErrorException(error);
        if (count == 1)
        {
            results[good[first]] = error!;
            return;
        }

        var half = count / 2;
        await RunAsync(elements, good, first, half, results, cancellationToken);
        await RunAsync(elements, good, first + half, count - half, results, cancellationToken);
    }

    private Cell[] ReadRow(IReadOnlyList<Tensor> outputs, int row, int rows)
    {
        var cells = new Cell[_model.Manifest.Outputs.Length];
        for (var column = 0; column < cells.Length; column++)
        {
            var name = _model.Manifest.Outputs[column].Name;
            if (outputs.FirstOrDefault(o => o.Name == name) is not { } output)
                continue;
            var width = (int)(Tensor.ElementCount(output.Shape.Span) / rows);
            if (width == 1 && WidthOf(_model.Manifest.Outputs[column]) == 1)
            {
                cells[column] = TensorElements.Read(output, row);
                continue;
            }

            var items = new Cell[width];
            for (var i = 0; i < width; i++)
                items[i] = TensorElements.Read(output, (row * width) + i);
            cells[column] = Cell.Of(items);
        }

        return cells;
    }

    /// <summary>Elements of an output for a row; 0: it says so only when it runs.</summary>
    private int WidthOf(TensorInfo output)
    {
        const int Most = 1024;
        var shape = _model.Config.IsBatched ? output.Shape.Skip(1) : output.Shape;
        long width = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (width *= dimension) > Most)
                return 0;
        }

        return (int)width;
    }

    /// <summary>The elements of one input for the rows of a batch.</summary>
    private sealed class Elements(TensorInput input, int rows)
    {
        private readonly List<ReadOnlyMemory<byte>> _texts = [];
        private byte[] _bytes = new byte[(int)Math.Clamp((long)rows * (input.Elements ?? 1) * input.Type.Size(), 64, 1 << 20)];
        private int _count;
        private int _lastStart;

        public int Rows { get; private set; }

        /// <summary>Elements of each row.</summary>
        private int Width => input.Elements ?? _count;

        /// <summary>Product of the dimensions that are fixed.</summary>
        private long Fixed => Math.Max(1, input.Shape.Where(d => d > 0).Aggregate(1L, (a, b) => a * b));

        /// <summary>Takes the elements of a row; answers with why it cannot, or null.</summary>
        public string? TryAdd(DataRow row)
        {
            var before = _count;
            foreach (var source in input.Sources)
            {
                var cell = row[source];
                if (WhyNot(source, cell) is { } why)
                {
                    _count = before;
                    return why;
                }
            }

            var given = _count - before;
            if (input.Elements is { } wanted ? given != wanted : given == 0 || given % Fixed != 0)
            {
                _count = before;
                return $"Input '{input.Name}' takes {(input.Elements is { } all ? all.ToString(CultureInfo.InvariantCulture) : $"a multiple of {Fixed}")} values a row; column '{input.Sources[0]}' has {given}.";
            }

            _lastStart = before;
            Rows++;
            return null;
        }

        /// <summary>Forgets the last row.</summary>
        public void DropLast() => (_count, Rows) = (_lastStart, Rows - 1);

        public Tensor ToTensor(int first, int count, bool isBatched)
        {
            var width = Width;
            var shape = ShapeOf(width);
            long[] full = isBatched ? [count, .. shape] : shape;
            return input.Type == TensorType.Bytes
                ? new Tensor(input.Name, full, _texts.GetRange(first * width, count * width).ToArray())
                : new Tensor(input.Name, input.Type, full, _bytes.AsMemory(first * width * input.Type.Size(), count * width * input.Type.Size()));
        }

        private string? WhyNot(string source, Cell cell)
        {
            if (cell.Kind == CellKind.List)
            {
                foreach (var item in cell.Items)
                {
                    if (WhyNot(source, item) is { } why)
                        return why;
                }

                return null;
            }

            if (input.Type == TensorType.Bytes)
            {
                if (TensorElements.TextOf(cell) is not { } text)
                    return $"Column '{source}' is an object; input '{input.Name}' takes text.";
                _texts.RemoveRange(_count, _texts.Count - _count);
                _texts.Add(Encoding.UTF8.GetBytes(text));
                _count++;
                return null;
            }

            var size = input.Type.Size();
            if (_bytes.Length < (_count + 1) * size)
                Array.Resize(ref _bytes, 2 * _bytes.Length);
            if (TensorElements.Write(input.Type, cell, _bytes.AsSpan(_count * size, size)) is { } wanted)
                return $"Column '{source}' {(cell.Kind == CellKind.Missing ? "has no value" : $"is '{TensorElements.TextOf(cell) ?? "an object"}'")}; input '{input.Name}' takes {wanted}.";
            _count++;
            return null;
        }

        /// <summary>The row's shape with its free dimension filled in.</summary>
        private long[] ShapeOf(int width)
        {
            long[] shape = [.. input.Shape];
            var free = Array.IndexOf(shape, -1);
            if (free < 0)
                return shape;
            for (var i = 0; i < shape.Length; i++)
                shape[i] = i == free ? width / Fixed : shape[i] < 0 ? 1 : shape[i];
            return shape;
        }
    }
}
