using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Fits the stages that see several columns at once, on the training rows that have a number in each.</summary>
/// <param name="stage">Place and name, for messages.</param>
/// <param name="program">The stages before.</param>
/// <param name="rows">Raw training rows.</param>
/// <param name="columns">The selected columns, numbers all.</param>
/// <param name="warnings">Gets what fitting meets.</param>
internal sealed class MultivariateFitter(string stage, PipelineProgram program, IReadOnlyList<Row> rows, ImmutableArray<StandingColumn> columns, List<string> warnings)
{
    /// <summary>The decomposition costs the cube of it.</summary>
    public const int MostPcaColumns = 1000;

    public const int MostClusters = 256;

    public KMeansStage Fit(KMeansSpec spec)
    {
        if (spec.K is < 2 or > MostClusters)
            throw Fault($"k is {spec.K}; it must be 2–{MostClusters}");
        if (spec.Starts is < 1 or > 100)
            throw Fault($"starts is {spec.Starts}; it must be 1–100");
        var points = CompleteRows();
        try
        {
            return new KMeansStage(Names, spec.Prefix, KMeans.Fit(points, columns.Length, spec.K, spec.Seed, spec.Starts).Centres);
        }
        catch (ArgumentException fault) when (fault.ParamName == "k")
        {
            throw Fault(FormattableString.Invariant($"k is {spec.K}, and the {points.Length / columns.Length} training rows without missing values hold fewer distinct ones; lower k, or fit on more rows"));
        }
    }

    public PcaStage Fit(PcaSpec spec)
    {
        if (spec.Components is null == spec.Variance is null)
            throw Fault("give either components or variance");
        if (spec.Components is { } count && (count < 1 || count > columns.Length))
            throw Fault($"components is {count}; it must be 1–{columns.Length}, the number of its columns");
        if (spec.Variance is { } share && !(share > 0 && share < 1))
            throw Fault(FormattableString.Invariant($"variance is {share}; it must lie between 0 and 1, which are out"));
        if (columns.Length > MostPcaColumns)
            throw Fault($"{columns.Length} columns are selected, over the limit of {MostPcaColumns}; select fewer");
        var points = CompleteRows();
        if (points.Length / columns.Length < 2)
            throw Fault("components take at least two training rows without missing values; fit on more rows, or impute before");
        var components = PrincipalComponents.Fit(points, columns.Length, spec.Components, spec.Variance ?? 1);
        if (components.Variances.Count(variance => variance == 0) is > 0 and var empty)
            warnings.Add($"Stage {stage}: {empty} of {components.Count} components have no variance in the training rows and are 0; fewer components say as much.");
        return new PcaStage(Names, spec.Prefix, components);
    }

    private ImmutableArray<string> Names => [.. columns.Select(column => column.Name)];

    /// <summary>[n, M], row-major.</summary>
    private double[] CompleteRows()
    {
        if (columns.IsEmpty)
            throw Fault("no column is selected; name columns, or remove the stage");
        var points = new List<double>(rows.Count * columns.Length);
        var registers = new double[program.RegisterCount];
        var point = new double[columns.Length];
        foreach (var row in rows)
        {
            program.Run(row, registers);
            for (var j = 0; j < point.Length; j++)
                point[j] = program.NumberAt(columns[j].Name, registers);
            if (Array.FindIndex(point, value => Math.Abs(value) > RowCheck.LargestFeature) is >= 0 and var large)
                throw new PipelineException(stage, columns[large].Name, FormattableString.Invariant($"a training row holds {point[large]}, and the squares of numbers over {RowCheck.LargestFeature} are none; clip the column first"));
            if (Array.TrueForAll(point, double.IsFinite))
                points.AddRange(point);
        }

        var complete = points.Count / columns.Length;
        if (complete == 0)
            throw Fault($"none of the {rows.Count} training rows has a value in every column; impute before, or fit on more rows");
        if (complete < rows.Count)
            warnings.Add($"Stage {stage}: {rows.Count - complete} of {rows.Count} training rows have a missing value and were left out; what the stage makes of such a row is missing too: impute before.");
        for (var j = 0; j < columns.Length; j++)
            WarnOfConstant(columns[j].Name, [.. Enumerable.Range(0, complete).Select(i => points[(i * columns.Length) + j])]);
        return [.. points];
    }

    private void WarnOfConstant(string column, double[] values)
    {
        var mean = Statistics.Mean(values);
        if (Statistics.PopulationVariance(values, mean) <= 1e-12 * Math.Max(1, mean * mean))
            warnings.Add($"Stage {stage}: column '{column}' is constant in the training rows, {mean.ToString("R", CultureInfo.InvariantCulture)}, and tells them apart by nothing; leave it out.");
    }

    private PipelineException Fault(string problem) => new(stage, null, problem);
}
