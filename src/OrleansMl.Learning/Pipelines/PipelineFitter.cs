using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Fits stage after stage, each on the rows as the stages before it left them.</summary>
internal sealed class PipelineFitter
{
    private const int MaxLearnedCategories = 1000;

    /// <summary>A computed deviation of a constant is not exactly 0: up to this share of max(1, |mean|) it counts as 0.</summary>
    private const double ConstantShare = 1e-6;

    private readonly RowSchema _schema;
    private readonly IReadOnlyList<Row> _rows;
    private readonly List<FittedStage> _stages = [];
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, double[]> _numbers = new(StringComparer.Ordinal);
    private ImmutableArray<StandingColumn> _selected = [];
    private PipelineProgram _program;
    private string _stage = "";

    private PipelineFitter(RowSchema schema, IReadOnlyList<Row> rows)
        => (_schema, _rows, _program) = (schema, rows, PipelineProgram.Compile(schema, []));

    public static FittedPipeline Fit(PipelineSpec spec, RowSchema schema, IReadOnlyList<Row> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Numeric.Length != schema.NumericCount || rows[i].Categorical.Length != schema.CategoricalCount)
                throw new PipelineException($"Training row {i} holds {rows[i].Numeric.Length} numbers and {rows[i].Categorical.Length} texts; the schema has {schema.NumericCount} and {schema.CategoricalCount}.");
        }

        var fitter = new PipelineFitter(schema, rows);
        for (var i = 0; i < spec.Stages.Length; i++)
            fitter.Add(spec.Stages[i], i + 1);
        return new FittedPipeline(schema, [.. fitter._stages], [.. fitter._warnings], spec.KeepsMissing);
    }

    private void Add(StageSpec spec, int place)
    {
        _stage = $"{place} ({spec.Name})";
        var columns = _selected = spec.Columns.Resolve(_stage, _program.Standing);
        _numbers.Clear();
        FittedStage stage = spec switch
        {
            ImputeSpec impute => FitImpute(impute, columns),
            StandardScaleSpec => new ScaleStage(spec.Name, [.. Numbers(columns).Select(FitStandard)]),
            MinMaxScaleSpec => new ScaleStage(spec.Name, [.. Numbers(columns).Select(FitMinMax)]),
            OneHotSpec oneHot => new OneHotStage([.. columns.Select(column => FitCategories(oneHot.Categories, column))]),
            OrdinalSpec ordinal => new OrdinalStage([.. columns.Select(column => FitCategories(ordinal.Categories, column))]),
            LogSpec log => FitLog(log, columns),
            ClipSpec clip => FitClip(clip, columns),
            CrossSpec => FitCross(columns),
            HashSpec hash => FitHash(hash, columns),
            KMeansSpec kmeans => Multivariate(columns).Fit(kmeans),
            PcaSpec pca => Multivariate(columns).Fit(pca),
            _ => throw new NotSupportedException($"A stage of type {spec.GetType().Name} cannot be fitted."),
        };
        var twice = stage.Apply(_program.Standing).GroupBy(column => column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new PipelineException(_stage, twice.Key, "the stage makes a column of a name that stands already; rename the other column");
        _stages.Add(stage);
        _program = PipelineProgram.Compile(_schema, _stages);
    }

    private ImputeStage FitImpute(ImputeSpec spec, ImmutableArray<StandingColumn> columns)
    {
        var numbers = ImmutableArray.CreateBuilder<NumberOf>();
        var texts = ImmutableArray.CreateBuilder<TextOf>();
        foreach (var column in columns)
        {
            if (column.IsNumber)
                numbers.Add(new NumberOf(column.Name, FillNumber(spec, column.Name)));
            else
                texts.Add(new TextOf(column.Name, FillText(spec, column.Name)));
        }

        return new ImputeStage(numbers.DrainToImmutable(), texts.DrainToImmutable());
    }

    private double FillNumber(ImputeSpec spec, string column)
    {
        if (spec.Strategy == ImputeStrategy.Constant)
        {
            return spec.Value is not string and IConvertible number && Finite(number) is { } constant
                ? constant
                : throw new PipelineException(_stage, column, $"the column is numeric, so the constant must be a finite number, not '{spec.Value}'");
        }

        var values = PresentNumbers(column);
        if (values.Length == 0)
        {
            _warnings.Add($"Stage {_stage}: column '{column}' has no value in the training rows; missing values become 0.");
            return 0;
        }

        return spec.Strategy switch
        {
            ImputeStrategy.Mean => Checked(column, Statistics.Mean(values)),
            ImputeStrategy.Median => Statistics.Median(values),
            _ => values.GroupBy(value => value).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key,
        };
    }

    private string FillText(ImputeSpec spec, string column)
    {
        switch (spec.Strategy)
        {
            case ImputeStrategy.Constant:
                return spec.Value is string { Length: > 0 } text
                    ? text
                    : throw new PipelineException(_stage, column, $"the column is categorical, so the constant must be a text that is not empty, not '{spec.Value}'");
            case ImputeStrategy.MostFrequent:
                var frequent = Texts(column).OfType<string>().GroupBy(value => value, StringComparer.Ordinal)
                    .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).FirstOrDefault();
                return frequent?.Key ?? throw new PipelineException(_stage, column, "the column has no value in the training rows; use strategy constant");
            default:
                throw new PipelineException(_stage, column, $"the column is categorical and has no {spec.Strategy.ToString().ToLowerInvariant()}; use most_frequent or constant, or columns: numeric");
        }
    }

    private ColumnScale FitStandard(StandingColumn column)
    {
        var values = PresentNumbers(column.Name);
        if (values.Length == 0)
            return Unscaled(column.Name, 0, "has no value in the training rows");
        var mean = Checked(column.Name, Statistics.Mean(values));
        var variance = Checked(column.Name, Statistics.PopulationVariance(values, mean));
        return variance <= Math.Pow(ConstantAt(mean), 2)
            ? Unscaled(column.Name, mean, "is constant in the training rows")
            : new ColumnScale(column.Name, mean, Math.Sqrt(variance));
    }

    private ColumnScale FitMinMax(StandingColumn column)
    {
        var values = PresentNumbers(column.Name);
        if (values.Length == 0)
            return Unscaled(column.Name, 0, "has no value in the training rows");
        var (min, max) = (values.Min(), values.Max());
        var range = Checked(column.Name, max - min);
        return range <= ConstantAt(max)
            ? Unscaled(column.Name, min, "is constant in the training rows")
            : new ColumnScale(column.Name, min, range);
    }

    private ColumnScale Unscaled(string column, double center, string what)
    {
        _warnings.Add($"Stage {_stage}: column '{column}' {what}; its scale is 1, and values within {ConstantAt(center).ToString("R", CultureInfo.InvariantCulture)} of {center.ToString("R", CultureInfo.InvariantCulture)} become 0.");
        return new ColumnScale(column, center, 1, ConstantAt(center));
    }

    private static double ConstantAt(double center) => ConstantShare * Math.Max(1, Math.Abs(center));

    private CategoriesOf FitCategories(ImmutableArray<object> given, StandingColumn column)
    {
        var categories = column.IsNumber
            ? new CategoriesOf(column.Name, given.IsEmpty ? [.. PresentNumbers(column.Name).Select(value => (double)(float)value).Distinct().Order()] : [.. given.Select(category => AsNumber(column.Name, category))], [])
            : new CategoriesOf(column.Name, [], given.IsEmpty ? [.. Texts(column.Name).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : [.. given.Select(AsText)]);
        if (categories.Count == 0)
            throw new PipelineException(_stage, column.Name, "the column has no value in the training rows; give categories");
        if (given.IsEmpty && categories.Count > MaxLearnedCategories)
            throw new PipelineException(_stage, column.Name, $"the training rows hold {categories.Count} distinct values, over the limit of {MaxLearnedCategories}; use hash, or give categories");
        if (categories.Numbers.Select(number => (float)number).Distinct().Count() + categories.Texts.Distinct(StringComparer.Ordinal).Count() != categories.Count)
            throw new PipelineException(_stage, column.Name, "a category is given twice (numbers are compared as 32-bit floats)");
        if (categories.Texts.Contains(""))
            throw new PipelineException(_stage, column.Name, "the empty text means missing and cannot be a category; use impute");
        return categories;
    }

    private double AsNumber(string column, object category)
    {
        if (category is string text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) && float.IsFinite((float)parsed))
            return parsed;
        return category is not string and IConvertible number && Finite(number) is { } value && float.IsFinite((float)value)
            ? value
            : throw new PipelineException(_stage, column, $"the column is numeric, so category '{category}' must be a finite number");
    }

    private static string AsText(object category)
        => category as string ?? Convert.ToString(category, CultureInfo.InvariantCulture) ?? "";

    private LogStage FitLog(LogSpec spec, ImmutableArray<StandingColumn> columns)
    {
        if (!double.IsFinite(spec.Offset))
            throw new PipelineException(_stage, null, $"offset is {spec.Offset}; it must be finite");
        var floors = ImmutableArray.CreateBuilder<NumberOf>();
        foreach (var column in Numbers(columns))
        {
            var shifted = PresentNumbers(column.Name).Select(value => value + spec.Offset).ToArray();
            var positive = shifted.Where(value => value > 0 && double.IsFinite(value)).DefaultIfEmpty(0).Min();
            if (positive == 0)
                throw new PipelineException(_stage, column.Name, $"x + {spec.Offset.ToString(CultureInfo.InvariantCulture)} is positive for no training row; raise offset");
            if (shifted.Count(value => value <= 0) is > 0 and var clamped)
                _warnings.Add($"Stage {_stage}: column '{column.Name}' has {clamped} training rows where x + offset ≤ 0; they are taken as {positive.ToString("R", CultureInfo.InvariantCulture)}.");
            floors.Add(new NumberOf(column.Name, positive));
        }

        return new LogStage(spec.Offset, floors.DrainToImmutable());
    }

    private ClipStage FitClip(ClipSpec spec, ImmutableArray<StandingColumn> columns)
    {
        if ((spec.Min is null && spec.Max is null) || spec.Min > spec.Max || (spec.Min ?? 0) is double.NaN || (spec.Max ?? 0) is double.NaN
            || double.IsInfinity(spec.Min ?? 0) || double.IsInfinity(spec.Max ?? 0))
        {
            throw new PipelineException(_stage, null, $"min is {spec.Min?.ToString(CultureInfo.InvariantCulture) ?? "open"} and max {spec.Max?.ToString(CultureInfo.InvariantCulture) ?? "open"}; give at least one finite bound, min ≤ max");
        }

        return new ClipStage([.. Numbers(columns).Select(column => column.Name)], spec.Min, spec.Max);
    }

    private CrossStage FitCross(ImmutableArray<StandingColumn> columns)
    {
        if (columns.Length < 2)
            throw new PipelineException(_stage, null, $"a cross takes at least two columns; {columns.Length} selected");
        return new CrossStage([.. columns.Select(column => column.Name)], string.Join('*', columns.Select(column => column.Name)), columns.Any(column => !column.IsNumber));
    }

    private HashStage FitHash(HashSpec spec, ImmutableArray<StandingColumn> columns)
    {
        if (spec.Bits is < 1 or > FittedStageCheck.MaxHashBits)
            throw new PipelineException(_stage, null, $"bits is {spec.Bits}; it must be 1–{FittedStageCheck.MaxHashBits}");
        if (_stages.OfType<HashStage>().FirstOrDefault(stage => stage.Bits != spec.Bits) is { } other)
            throw new PipelineException(_stage, null, $"bits is {spec.Bits}, but an earlier hash stage has {other.Bits}; all share one table, so give the same");
        return new HashStage([.. columns.Select(column => column.Name)], spec.Bits);
    }

    private MultivariateFitter Multivariate(ImmutableArray<StandingColumn> columns) => new(_stage, _program, _rows, Numbers(columns), _warnings);

    private ImmutableArray<StandingColumn> Numbers(ImmutableArray<StandingColumn> columns)
        => columns.FirstOrDefault(column => !column.IsNumber) is { } text
            ? throw new PipelineException(_stage, text.Name, "the column is categorical and the stage takes numbers; select columns: numeric, or one_hot it first")
            : columns;

    /// <summary>The values of a selected column that are there. One pass over the rows gathers all selected columns.</summary>
    private double[] PresentNumbers(string column)
    {
        if (_numbers.Count == 0)
        {
            var gathered = _selected.Where(selected => selected.IsNumber).Select(selected => (selected.Name, Values: new List<double>(_rows.Count))).ToArray();
            var registers = new double[_program.RegisterCount];
            foreach (var row in _rows)
            {
                _program.Run(row, registers);
                foreach (var (name, values) in gathered)
                {
                    var value = _program.NumberAt(name, registers);
                    if (double.IsFinite(value))
                        values.Add(value);
                }
            }

            foreach (var (name, values) in gathered)
                _numbers.Add(name, [.. values]);
        }

        return _numbers[column];
    }

    private IEnumerable<string?> Texts(string column)
    {
        var registers = new double[_program.RegisterCount];
        foreach (var row in _rows)
        {
            _program.Run(row, registers);
            yield return _program.TextAt(column, row, registers);
        }
    }

    private static double? Finite(IConvertible number)
    {
        var value = number.ToDouble(CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? value : null;
    }

    private double Checked(string column, double statistic) => double.IsFinite(statistic)
        ? statistic
        : throw new PipelineException(_stage, column, "its values are too large for a statistic; clip the column first");
}
