using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Fitted stages compiled to operations over registers: what both fitting and transforming run.</summary>
internal sealed class PipelineProgram
{
    private readonly RowSchema _schema;
    private readonly Operation[] _operations;
    private readonly ImmutableDictionary<string, int> _registers;
    private readonly ImmutableDictionary<string, TextColumn> _texts;
    private readonly int[] _dense;
    private readonly HashedColumn[] _hashed;

    private PipelineProgram(RowSchema schema, Compiler compiled)
    {
        _schema = schema;
        _operations = [.. compiled.Operations];
        _registers = compiled.Registers.ToImmutable();
        _texts = compiled.Texts.ToImmutable();
        _hashed = [.. compiled.Hashed];
        RegisterCount = compiled.RegisterCount;
        Standing = compiled.Standing;
        _dense = [.. Standing.Where(column => column.IsNumber).Select(column => _registers[column.Name])];
    }

    public int RegisterCount { get; }

    /// <summary>The columns that stand after the last stage.</summary>
    public ImmutableArray<StandingColumn> Standing { get; }

    public IEnumerable<string> HashedNames => _hashed.Select(hashed => hashed.Name);

    public static PipelineProgram Compile(RowSchema schema, IEnumerable<FittedStage> stages)
    {
        var compiler = new Compiler(schema);
        foreach (var stage in stages)
            compiler.Add(stage);
        return new PipelineProgram(schema, compiler);
    }

    /// <summary>Loads the row (±∞ counts as missing) and runs all stages.</summary>
    public void Run(in Row row, Span<double> registers)
    {
        for (var i = 0; i < _schema.NumericCount; i++)
            registers[i] = double.IsFinite(row.Numeric[i]) ? row.Numeric[i] : double.NaN;
        foreach (var operation in _operations)
            operation.Run(row, registers);
    }

    /// <summary>A standing number after <see cref="Run"/>; NaN is missing.</summary>
    public double NumberAt(string column, ReadOnlySpan<double> registers) => registers[_registers[column]];

    /// <summary>A standing text after <see cref="Run"/>; null is missing.</summary>
    public string? TextAt(string column, in Row row, ReadOnlySpan<double> registers)
    {
        var buffer = new TextBuffer(stackalloc char[128]);
        var text = _texts[column].Write(row, registers, ref buffer) ? buffer.Text.ToString() : null;
        buffer.Dispose();
        return text;
    }

    /// <summary>The standing numbers after <see cref="Run"/>, another for those that are missing.</summary>
    public void WriteDense(ReadOnlySpan<double> registers, Span<double> dense, double missing)
    {
        for (var i = 0; i < _dense.Length; i++)
        {
            var value = registers[_dense[i]];
            dense[i] = double.IsFinite(value) ? value : missing;
        }
    }

    public void WriteHashed(in Row row, ReadOnlySpan<double> registers, Span<int> indices, Span<double> values)
    {
        for (var i = 0; i < _hashed.Length; i++)
            (indices[i], values[i]) = _hashed[i].Evaluate(row, registers);
    }

    private sealed class Compiler
    {
        public Compiler(RowSchema schema)
        {
            RegisterCount = schema.NumericCount;
            for (var i = 0; i < schema.Columns.Length; i++)
            {
                var (name, kind) = schema.Columns[i];
                if (kind == ColumnKind.Numeric)
                    Registers.Add(name, schema.SlotOf(i));
                else
                    Texts.Add(name, new RawText(schema.SlotOf(i)));
            }

            Standing = InitialColumns(schema);
        }

        public List<Operation> Operations { get; } = [];

        public List<HashedColumn> Hashed { get; } = [];

        public ImmutableDictionary<string, int>.Builder Registers { get; } = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);

        public ImmutableDictionary<string, TextColumn>.Builder Texts { get; } = ImmutableDictionary.CreateBuilder<string, TextColumn>(StringComparer.Ordinal);

        public ImmutableArray<StandingColumn> Standing { get; private set; }

        public int RegisterCount { get; private set; }

        public void Add(FittedStage stage)
        {
            switch (stage)
            {
                case ImputeStage impute:
                    Operations.Add(new FillOperation([.. impute.Numbers.Select(fill => (Registers[fill.Column], fill.Value))]));
                    foreach (var fill in impute.Texts)
                        Texts[fill.Column] = new FilledText(Texts[fill.Column], fill.Value);
                    break;
                case ScaleStage scale:
                    Operations.Add(new ScaleOperation([.. scale.Scales.Select(column => (Registers[column.Column], column))]));
                    break;
                case LogStage log:
                    Operations.Add(new LogOperation([.. log.Floors.Select(floor => (Registers[floor.Column], floor.Value))], log.Offset));
                    break;
                case ClipStage clip:
                    Operations.Add(new ClipOperation([.. clip.Columns.Select(column => Registers[column])], clip.Min ?? double.NegativeInfinity, clip.Max ?? double.PositiveInfinity));
                    break;
                case OneHotStage oneHot:
                    foreach (var categories in oneHot.Categories)
                        AddOneHot(categories);
                    break;
                case OrdinalStage ordinal:
                    foreach (var categories in ordinal.Categories)
                        AddOrdinal(categories);
                    break;
                case CrossStage { IsText: true } cross:
                    SetText(cross.Output, new CrossText([.. cross.Columns.Select(AsText)]));
                    break;
                case CrossStage cross:
                    Operations.Add(new ProductOperation([.. cross.Columns.Select(column => Registers[column])], RegisterCount));
                    SetRegister(cross.Output);
                    break;
                case HashStage hash:
                    Hashed.AddRange(hash.Columns.Select(column => new HashedColumn(column, AsText(column), hash.Bits)));
                    break;
                case KMeansStage kmeans:
                    Operations.Add(new DistanceOperation(RegistersOf(kmeans.Columns), [.. kmeans.Centres], RegisterCount));
                    SetRegisters(kmeans.OutputNames());
                    break;
                case PcaStage pca:
                    Operations.Add(new ProjectionOperation(RegistersOf(pca.Columns), [.. pca.Components.Means], [.. pca.Components.Loadings], RegisterCount));
                    SetRegisters(pca.OutputNames());
                    break;
                default:
                    throw new NotSupportedException($"A stage of type {stage.GetType().Name} cannot be run.");
            }

            Standing = stage.Apply(Standing);
        }

        private void AddOneHot(CategoriesOf categories)
        {
            Operations.Add(categories.Numbers.IsEmpty
                ? new TextOneHotOperation(Texts[categories.Column], categories.Texts, RegisterCount)
                : new NumericOneHotOperation(Registers[categories.Column], [.. categories.Numbers.Select(number => (float)number)], RegisterCount));
            foreach (var name in categories.IndicatorNames())
                SetRegister(name);
        }

        private void AddOrdinal(CategoriesOf categories)
        {
            Operations.Add(categories.Numbers.IsEmpty
                ? new TextOrdinalOperation(Texts[categories.Column], categories.Texts, RegisterCount)
                : new NumericOrdinalOperation(Registers[categories.Column], categories.Numbers, RegisterCount));
            SetRegister(categories.Column);
        }

        private int[] RegistersOf(ImmutableArray<string> columns) => [.. columns.Select(column => Registers[column])];

        private void SetRegisters(IEnumerable<string> names)
        {
            foreach (var name in names)
                SetRegister(name);
        }

        // A column that a stage took away may have had the name.
        private void SetRegister(string name)
        {
            Texts.Remove(name);
            Registers[name] = RegisterCount++;
        }

        private void SetText(string name, TextColumn text)
        {
            Registers.Remove(name);
            Texts[name] = text;
        }

        private TextColumn AsText(string column)
        {
            if (Texts.TryGetValue(column, out var text))
                return text;

            // Later stages change numbers in place; the text shows the number as it stands here.
            Operations.Add(new CopyOperation(Registers[column], RegisterCount));
            return new NumberText(RegisterCount++);
        }
    }

    /// <summary>The columns before the first stage.</summary>
    internal static ImmutableArray<StandingColumn> InitialColumns(RowSchema schema)
        => [.. schema.Columns.Select(column => new StandingColumn(column.Name, column.Kind == ColumnKind.Numeric ? StandingKind.Numeric : StandingKind.Categorical))];
}
