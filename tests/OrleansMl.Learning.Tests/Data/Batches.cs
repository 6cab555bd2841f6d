using System.Globalization;
using System.IO.Compression;

namespace OrleansMl.Learning.Tests;

/// <summary>Public data sets as rows for trainers.</summary>
internal static class Batches
{
    private static readonly string[] _adult =
    [
        "age", "tworkclass", "fnlwgt", "teducation", "educationnum", "tmarital", "toccupation", "trelationship", "trace", "tsex", "gain", "loss", "hours", "tcountry",
    ];

    private static readonly string[] _bike = ["season", "yr", "mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp", "atemp", "hum", "windspeed"];

    /// <summary>Scaled numbers and one indicator per category in the order of the columns, or the categories hashed; 1: more than 50,000.</summary>
    public static TrainingRows Adult(int hashBits = 0)
    {
        using var file = new StreamReader(new GZipStream(File.OpenRead(SharedData.Require("adult-census/adult-train.csv.gz")), CompressionMode.Decompress));
        var rows = new List<Row>();
        var targets = new List<double>();
        while (file.ReadLine() is { } line)
        {
            var cells = line.Split(',', StringSplitOptions.TrimEntries);
            if (cells.Length != _adult.Length + 1)
                continue;
            rows.Add(new Row(
                [.. _adult.Index().Where(column => column.Item[0] != 't').Select(column => double.Parse(cells[column.Index], CultureInfo.InvariantCulture))],
                [.. _adult.Index().Where(column => column.Item[0] == 't').Select(column => cells[column.Index])]));
            targets.Add(cells[^1].StartsWith(">50K", StringComparison.Ordinal) ? 1 : 0);
        }

        var schema = new RowSchema(_adult.Select(name => new Column(name, name[0] == 't' ? ColumnKind.Categorical : ColumnKind.Numeric)));
        StageSpec encode = hashBits > 0 ? new HashSpec(ColumnSelector.Categorical, hashBits) : new OneHotSpec(ColumnSelector.Categorical);
        return Transformed(FittedPipeline.Fit(new PipelineSpec(new StandardScaleSpec(ColumnSelector.Numeric), encode), schema, rows), rows, [.. targets]);
    }

    /// <summary>8 × 8 pixels from 0 to 1, ten classes.</summary>
    public static TrainingRows Digits(string part = "train")
    {
        var rows = File.ReadLines(SharedData.Require($"optdigits/optdigits-{part}.csv"))
            .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        return new TrainingRows(rows.Length, [.. rows.SelectMany(row => row[..64]).Select(pixel => pixel / 16)], [], [], [.. rows.Select(row => row[64])]);
    }

    /// <summary>Plain numbers of very different scales; the target is the count of an hour.</summary>
    public static TrainingRows Bikes(double[]? weights = null)
    {
        var file = new CsvFile(SharedData.Require("bike-sharing/hour_train.csv"));
        var columns = _bike.Select(file.Column).ToArray();
        var targets = file.Column("cnt");
        return new TrainingRows(targets.Length, [.. Enumerable.Range(0, targets.Length).SelectMany(row => columns.Select(column => column[row]))], [], [], targets, weights);
    }

    public static TrainingRows Transformed(FittedPipeline pipeline, IReadOnlyList<Row> rows, double[] targets)
    {
        var dense = new double[rows.Count * pipeline.DenseCount];
        var indices = new int[rows.Count * pipeline.HashedCount];
        var values = new double[rows.Count * pipeline.HashedCount];
        for (var i = 0; i < rows.Count; i++)
        {
            pipeline.Transform(
                rows[i],
                dense.AsSpan(i * pipeline.DenseCount, pipeline.DenseCount),
                indices.AsSpan(i * pipeline.HashedCount, pipeline.HashedCount),
                values.AsSpan(i * pipeline.HashedCount, pipeline.HashedCount));
        }

        return new TrainingRows(rows.Count, dense, indices, values, targets);
    }
}
