namespace OrleansMl.Declaration.Tests;

public class SampleTests
{
    [Fact]
    public void The_electricity_sample_is_read_as_it_stands()
    {
        var result = ApplicationReader.Read(Samples.Electricity);

        Assert.Empty(result.Faults);
        Assert.Empty(result.Warnings);
        var app = result.Definition!;
        Assert.Equal(("electricity", Clock.Event, TimeSpan.FromMinutes(5)), (app.Name, app.Clock, app.MaxFuture));
        Assert.Equal(["nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"], app.Events.Single().Fields.Select(f => f.Name));
        Assert.Equal((0.0, 1.0), (app.Events[0].Fields[0].Min, app.Events[0].Fields[0].Max));
        Assert.Equal(TimeSpan.FromHours(2), app.Views[0].Ttl);
        Assert.Equal((ViewSourceKind.Outcome, "up"), (app.Views[1].SourceKind, app.Views[1].Source));
        Assert.Equal(0.0, app.Views[1].Features[0].Default);
        var demand = app.Views[0].Features.Single(f => f.Name == "demand_24h");
        Assert.Equal((Aggregation.Mean, "nswdemand", TimeSpan.FromHours(24), false), (demand.Aggregation, demand.Field, demand.Window, demand.Tumbling));
        Assert.Equal(1, app.Views[0].Features.Single(f => f.Name == "price_lag1").Offset);

        var model = app.Models.Single();
        Assert.Equal(
            ["day", "period", "now:price", "now:price_lag1", "now:demand", "now:demand_24h", "now:vicprice", "now:vicdemand", "now:transfer", "truth:last"],
            model.Columns.Select(c => c.Name));
        Assert.Equal([true, true, false], model.Columns.Take(3).Select(c => c.IsInput));
        Assert.Equal(FieldType.Int, model.Columns[0].Type);
        Assert.Equal(["impute", "one_hot", "standard_scale"], model.Pipeline.Select(s => s.Name));
        Assert.Equal([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], model.Pipeline[1].Categories.Cast<double>());
        Assert.Equal(("up", TargetType.Binary, TimeSpan.FromHours(2), null), (model.Target!.Name, model.Target.Type, model.Target.Window, model.Target.Default));
        Assert.Equal(["DOWN", "UP"], model.Target.Classes.AsEnumerable());
        Assert.Equal(("logistic_regression", 2000, 5, false), (model.Learner!.Type, model.Learner.BootstrapOutcomes, model.Learner.BootstrapEpochs, model.Learner.Live));
        Assert.Equal((0.5, true, false), (model.Learner.Params["learningRate"], model.Learner.Params["adaptive"], model.Learner.Params["normalized"]));
        Assert.Equal(("log_loss", 300, 200), (model.Promotion!.Metric, model.Promotion.MinOutcomes, model.Promotion.CooldownOutcomes));
        Assert.Equal(new ThresholdStep(0.5, "DOWN", "UP"), model.Postprocess.Single().Threshold);
        Assert.Equal(new DateTime(1996, 5, 7, 0, 0, 0, DateTimeKind.Utc), app.Replay!.Start);
        Assert.Equal(DateTimeKind.Utc, app.Replay.Start!.Value.Kind);
        Assert.Equal(("market", "NSW", "tick", "up", "class", TimeSpan.FromMinutes(30)), (app.Replay.EntityType, app.Replay.EntityId, app.Replay.Event, app.Replay.OutcomeTarget, app.Replay.OutcomeColumn, app.Replay.Step));
    }

    [Fact]
    public void The_bike_sharing_sample_is_read_and_never_sees_the_parts_of_its_target()
    {
        var result = ApplicationReader.Read(Samples.BikeSharing);

        Assert.Empty(result.Faults);
        Assert.Empty(result.Warnings);
        var model = result.Definition!.Models.Single();
        Assert.Equal((TargetType.Regression, TimeSpan.FromHours(48)), (model.Target!.Type, model.Target.Window));
        Assert.Equal(("linear_regression", "squared_error"), (model.Learner!.Type, model.Promotion!.Metric));
        Assert.Equal(["hr", "weekday"], model.Pipeline.Where(s => s.Name == "one_hot").SelectMany(s => s.Columns));
        string[] seen = [.. model.Columns.Select(c => c.Name), .. result.Definition.Events.SelectMany(e => e.Fields).Select(f => f.Name)];
        Assert.DoesNotContain(seen, name => name.Contains("casual", StringComparison.Ordinal) || name.Contains("registered", StringComparison.Ordinal));
    }

    [Fact]
    public void The_shop_sample_is_read_whole_and_says_what_is_not_yet_served()
    {
        var result = ApplicationReader.Read(Samples.Shop);

        Assert.Empty(result.Faults);
        var app = result.Definition!;
        var model = app.Models.Single();
        Assert.Equal("product", model.Candidates);
        Assert.Equal(["taste:views_7d", "taste:seconds_mean_7d", "customer.segment", "product.category", "customer.id", "product.id"], model.Columns.Select(c => c.Name));
        Assert.Equal([FieldType.Int, FieldType.Float, FieldType.String, FieldType.String, FieldType.Ref, FieldType.Ref], model.Columns.Select(c => c.Type));
        Assert.Equal(("purchased", "product", 1.0, true, 0.0), (model.Target!.FromEvent, model.Target.FromSubject, model.Target.FromValue, model.Target.OrganicLearn, model.Target.Default));
        Assert.Equal(new ExplorationDefinition("epsilon_greedy", 0.05), model.Exploration);
        Assert.Equal((true, 1000), (model.Learner!.Live, model.Learner.SnapshotEvery));
        Assert.Equal(0.2, model.Postprocess[0].Combine!["product.margin"]);
        Assert.Equal(5, model.Postprocess[1].TopK);
        Assert.Equal(["customer.segment"], model.Promotion!.Slices.Select(slice => slice.Column));
        var missing = Assert.Single(result.Warnings);
        Assert.Equal("may_be_missing", missing.Code);
        Assert.Contains("taste:seconds_mean_7d", missing.Detail, StringComparison.Ordinal);
    }
}
