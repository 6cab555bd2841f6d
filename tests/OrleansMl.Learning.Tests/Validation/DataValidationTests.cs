using static OrleansMl.Learning.Tests.Validation.ValidationRows;

namespace OrleansMl.Learning.Tests.Validation;

/// <summary>Each check on rows whose figures can be counted by hand.</summary>
public sealed class DataValidationTests
{
    [Fact]
    public void Rows_without_fault_give_no_finding()
    {
        var report = DataValidation.Check(OfNumbers(Uniform(1, 300), Coins(2, 300)) with { Ranges = [new ColumnRange("x", -1, 1)], Served = OfNumbers(Uniform(3, 200), Coins(4, 200)).Rows, Expected = Numbers });
        Assert.Empty(report.Findings);
        Assert.Null(report.Reason);
        Assert.Equal(300, report.Rows);
    }

    [Fact]
    public void Columns_that_the_model_takes_must_be_there_and_of_its_kind()
    {
        var expected = new RowSchema([new Column("x", ColumnKind.Categorical), new Column("noise", ColumnKind.Numeric), new Column("age", ColumnKind.Numeric)]);
        var report = DataValidation.Check(OfNumbers(Uniform(1, 200), Coins(2, 200)) with { Expected = expected });
        Assert.Equal(
            ["Column 'x' of the rows is numeric; the model takes it as categorical.", "The rows have no column 'age' (numeric), which the model takes; they have x, noise."],
            report.Findings.Select(finding => finding.Detail).Order());
        Assert.All(report.Findings, finding => Assert.Equal((DataChecks.Schema, FindingSeverity.Error), (finding.Check, finding.Severity)));

        var data = OfNumbers(Uniform(1, 3), Coins(2, 3));
        var torn = DataValidation.Check(data with { Rows = [data.Rows[0], new Row([1], []), data.Rows[2]] });
        Assert.Equal("Row 1 holds 1 numbers and 0 texts; the columns are 2 and 0.", Assert.Single(torn.Findings).Detail);
        Assert.Throws<ArgumentException>(() => DataValidation.Check(data with { Targets = [1] }));
    }

    [Fact]
    public void Few_rows_and_targets_with_nothing_to_tell_apart_stop_a_training()
    {
        var few = DataValidation.Check(OfNumbers(Uniform(1, 60), Coins(2, 60)));
        Assert.Equal((DataChecks.Rows, 60.0, 100.0), Only(few, FindingSeverity.Error));
        Assert.Equal("There are 60 rows, and at least 100 are needed; widen the window, or wait for more outcomes.", few.Reason);
        Assert.Equal(DataChecks.Rows, Assert.Single(DataValidation.Check(OfNumbers([], [])).Findings).Check);

        var one = DataValidation.Check(OfNumbers(Uniform(1, 200), new double[200]));
        Assert.Equal("All 200 rows are of the class 'DOWN' of target 'up'; there is nothing to tell apart. Widen the window.", one.Reason);
        var constant = DataValidation.Check(OfNumbers(Uniform(1, 200), [.. Enumerable.Repeat(2.5, 200)], []));
        Assert.Equal("Target 'up' is 2.5 in all 200 rows; there is nothing to learn. Widen the window.", constant.Reason);
    }

    [Fact]
    public void A_target_that_is_no_class_or_number_is_told_with_its_row()
    {
        var targets = Coins(2, 200);
        targets[7] = 2;
        Assert.Equal("Target 'up' of row 7 is 2; it must be the number of a class, 0 to 1.", DataValidation.Check(OfNumbers(Uniform(1, 200), targets)).Reason);
        targets[7] = double.NaN;
        Assert.Equal("Target 'up' of row 7 is NaN; it must be a finite number.", DataValidation.Check(OfNumbers(Uniform(1, 200), targets, [])).Reason);
    }

    [Fact]
    public void A_rare_class_is_a_warning()
    {
        var targets = new double[1000];
        for (var row = 0; row < 5; row++)
            targets[row * 200] = 1;
        var report = DataValidation.Check(OfNumbers(Uniform(1, 1000), targets));
        Assert.Equal((DataChecks.Balance, 0.005, 0.01), Only(report, FindingSeverity.Warning));
        Assert.StartsWith("0.5 % of the rows are of the class 'UP', under the limit of 1 %", report.Findings[0].Detail, StringComparison.Ordinal);
        Assert.False(report.HasErrors);
    }

    [Fact]
    public void Missing_values_are_counted_however_they_are_missing()
    {
        var x = Uniform(1, 200);
        for (var row = 0; row < 120; row++)
            x[row] = row % 2 == 0 ? double.NaN : double.PositiveInfinity;
        Assert.Equal((DataChecks.Missing, 0.6, 0.5), Only(DataValidation.Check(OfNumbers(x, Coins(2, 200))), FindingSeverity.Warning));

        var t = Enumerable.Range(0, 200).Select(row => row < 120 ? row % 2 == 0 ? null : "" : row % 3 == 0 ? "a" : "b").ToArray();
        Assert.Equal((DataChecks.Missing, 0.6, 0.5), Only(DataValidation.Check(OfTexts(t, Coins(2, 200))), FindingSeverity.Warning));
        Assert.Empty(DataValidation.Check(OfTexts(t, Coins(2, 200)), new DataValidationOptions { Missing = 0.6 }).Findings);
    }

    [Fact]
    public void A_limit_that_was_stated_on_purpose_may_stop_a_training()
    {
        var t = Enumerable.Range(0, 200).Select(row => row < 40 ? null : row % 2 == 0 ? "a" : "b").ToArray();
        var options = new DataValidationOptions { Missing = 0.1 };
        var report = DataValidation.Check(OfTexts(t, Coins(2, 200)), options with { Errors = options.Errors.Add(DataChecks.Missing) });
        Assert.Equal("Column 't' is missing in 20 % of the rows, over the limit of 10 %; look at its source, or leave it out.", report.Reason);
    }

    [Fact]
    public void Values_outside_the_declared_range_are_told_with_their_bounds()
    {
        var x = Uniform(1, 200);
        (x[3], x[5], x[8]) = (-7, 4, double.NaN);
        var report = DataValidation.Check(OfNumbers(x, Coins(2, 200)) with { Ranges = [new ColumnRange("x", -1, 1), new ColumnRange("absent", 0, 1)] });
        Assert.Equal((DataChecks.Range, 2 / 199.0, 0.0), Only(report, FindingSeverity.Warning));
        Assert.StartsWith("Column 'x' is outside its declared range [-1, 1] in 2 of 199 rows (from -7 to 4)", report.Findings[0].Detail, StringComparison.Ordinal);
        Assert.Contains("range [-1, ∞] in 1 of 199", Assert.Single(DataValidation.Check(OfNumbers(x, Coins(2, 200)) with { Ranges = [new ColumnRange("x", -1, null)] }).Findings).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_one_value_teaches_nothing_unless_it_is_missing_sometimes()
    {
        Assert.Equal((DataChecks.Constant, 1.0, null), Only(DataValidation.Check(OfNumbers([.. Enumerable.Repeat(3.0, 200)], Coins(2, 200))), FindingSeverity.Warning));
        var sometimes = Enumerable.Range(0, 200).Select(row => row % 4 == 0 ? null : "yes").ToArray();
        Assert.Empty(DataValidation.Check(OfTexts(sometimes, Coins(2, 200))).Findings);
        var never = DataValidation.Check(OfTexts(new string?[200], Coins(2, 200)));
        Assert.Equal([DataChecks.Missing, DataChecks.Constant], never.Findings.Select(finding => finding.Check));
    }

    [Fact]
    public void Duplicates_are_rows_with_the_same_target()
    {
        // 100 rows, 50 of them once more, and 50 with the other target.
        var (x, y) = (Uniform(1, 100), Coins(2, 100));
        var rows = OfNumbers(x, y).Rows.ToArray();
        var data = new ValidatedData(Numbers, [.. rows, .. rows], [.. y, .. y[..50], .. y[50..].Select(target => 1 - target)], "up", UpDown);
        var report = DataValidation.Check(data);
        Assert.Equal((DataChecks.Duplicates, 0.25, 0.2), Only(report, FindingSeverity.Warning));
        Assert.StartsWith("25 % of the rows are there before, target and all, over the limit of 20 %", report.Findings[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_is_told_as_such_and_is_no_leak()
    {
        var ids = Enumerable.Range(0, 400).Select(row => (string?)$"client-{row}").ToArray();
        var report = DataValidation.Check(OfTexts(ids, Coins(2, 400)));
        Assert.Equal((DataChecks.Unique, 1.0, 0.95), Only(report, FindingSeverity.Warning));
    }

    [Fact]
    public void A_shift_of_what_is_served_is_found_by_column_and_a_sample_of_the_same_is_not()
    {
        var data = OfNumbers(Uniform(1, 500), Coins(2, 500));
        var shifted = DataValidation.Check(data with { Served = OfNumbers([.. Uniform(3, 300).Select(x => x + 0.8)], Coins(4, 300)).Rows });
        var (check, index, limit) = Only(shifted, FindingSeverity.Warning);
        Assert.Equal((DataChecks.Skew, 0.25), (check, limit));
        Assert.InRange(index, 1, 10);
        Assert.Equal("x", shifted.Findings[0].Column);

        // Too few to say, and too little of a shift to matter though 20,000 rows make it certain.
        Assert.Empty(DataValidation.Check(data with { Served = OfNumbers([.. Uniform(3, 40).Select(x => x + 0.8)], Coins(4, 40)).Rows }).Findings);
        Assert.Empty(DataValidation.Check(OfNumbers(Uniform(1, 20_000), Coins(2, 20_000)) with { Served = OfNumbers([.. Uniform(3, 20_000).Select(x => x * 1.05)], Coins(4, 20_000)).Rows }).Findings);
    }

    [Fact]
    public void A_shift_of_texts_and_of_what_is_missing_is_found()
    {
        string?[] trained = [.. Enumerable.Range(0, 600).Select(row => row % 3 == 0 ? "a" : row % 3 == 1 ? "b" : "c")];
        var data = OfTexts(trained, Coins(2, 600));
        var unseen = DataValidation.Check(data with { Served = OfTexts([.. Enumerable.Range(0, 300).Select(row => row % 2 == 0 ? "new" : "a")], Coins(4, 300)).Rows });
        Assert.Equal("t", Assert.Single(unseen.Findings).Column);

        // By hand: missing in 0 of 600 and in 90 of 300, ten times the difference of shares.
        var missing = DataValidation.Check(data with { Served = OfTexts([.. Enumerable.Range(0, 300).Select(row => row < 90 ? null : trained[row])], Coins(4, 300)).Rows });
        Assert.Equal((DataChecks.Skew, 3.0, 0.25), Only(missing, FindingSeverity.Warning));
        Assert.StartsWith("Column 't' is missing in 0 % of the rows and in 30 % of those that were served lately", missing.Findings[0].Detail, StringComparison.Ordinal);
        Assert.Empty(DataValidation.Check(data with { Served = [.. data.Rows.Take(300)] }).Findings);
    }

    [SkippableFact]
    public void The_first_electricity_rows_have_the_three_constant_columns_and_are_not_like_later_ones()
    {
        var (rows, labels) = Electricity.Read(SharedData.Require("elec2/electricity.zip"));
        var report = DataValidation.Check(new ValidatedData(Electricity.Schema, rows[..2000], labels[..2000], "up", UpDown) { Served = rows[30_000..32_000] });
        Assert.False(report.HasErrors, report.Reason);
        Assert.Equal(["vicprice", "vicdemand", "transfer"], report.Findings.Where(finding => finding.Check == DataChecks.Constant).Select(finding => finding.Column));
        Assert.Contains(report.Findings, finding => finding is { Check: DataChecks.Skew, Column: "vicprice" });
        Assert.DoesNotContain(report.Findings, finding => finding is { Check: DataChecks.Skew, Column: "day" or "period" });
    }

    [Fact]
    public void A_report_is_json_with_errors_first()
    {
        var report = DataValidation.Check(OfNumbers([.. Enumerable.Repeat(3.0, 60)], Coins(2, 60)));
        const string Json = """{"version":1,"rows":60,"findings":[{"check":"rows","severity":"error","value":60,"limit":100,"detail":"There are 60 rows, and at least 100 are needed; widen the window, or wait for more outcomes."},{"check":"constant","column":"x","severity":"warning","value":1,"detail":"Column \u0027x\u0027 holds one value in all rows; nothing can be learned from it. Leave it out."}]}""";
        Assert.Equal(Json, report.ToJson());
        Assert.Equal(Json, DataReport.FromJson(Json).ToJson());
        Assert.Contains("is no validation of data", Assert.Throws<LearnerException>(() => DataReport.FromJson("{}")).Message, StringComparison.Ordinal);
        Assert.Contains("version 9 cannot be read", Assert.Throws<LearnerException>(() => DataReport.FromJson("{\"version\":9}")).Message, StringComparison.Ordinal);
    }

    private static (string Check, double Value, double? Limit) Only(DataReport report, FindingSeverity severity)
    {
        var finding = Assert.Single(report.Findings);
        Assert.Equal(severity, finding.Severity);
        return (finding.Check, finding.Value, finding.Limit);
    }
}
