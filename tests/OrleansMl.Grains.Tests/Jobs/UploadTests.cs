using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Jobs.Uploads;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>Files whose rows are events, attributes, outcomes and corrections.</summary>
[Collection(LoopCollection.Name)]
public sealed class UploadTests(LoopFixture loop)
{
    [Fact]
    public async Task Events_of_a_file_are_taken_in_once_and_the_bad_rows_are_told_with_their_columns()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var text = $"entityId,time,x,note\na,{Time()},1,\"one, two\"\na,{Time()},four,\n\nb,yesterday,2,\nc,{Time()},5000,\na,{Time()},3,\n,{Time()},3,\n";
        var dataset = await StoreAsync(text, "csv");
        var parameters = UploadKinds.ParamsOf(UploadKinds.Events, toy.EntityType, toy.Name + "-tick");
        var (job, faults) = await RunAsync(dataset, parameters);
        Assert.Equal((6.0, 2.0, 4.0), (job.Metrics["rows"], job.Metrics["accepted"], job.Metrics["rejected"]));
        Assert.Equal([4.0, 2.0], (await toy.ReadAsync("a", null, $"{toy.View}:sum_1h", $"{toy.View}:n_1h")).Select(f => f.Value.AsNumber()));
        var lines = faults!.Split('\n');
        Assert.Equal("row,line,column,code,detail", lines[0]);
        Assert.StartsWith("2,3,x,invalid_value,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("3,5,time,invalid_time,", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("4,6,x,invalid_value,", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("6,8,entityId,missing_member,", lines[4], StringComparison.Ordinal);

        // The same data set again: the same ids.
        var (again, _) = await RunAsync(dataset, parameters);
        Assert.Equal(2, again.Metrics["duplicate"]);
        Assert.Equal(2, (await toy.ReadAsync("a", null, $"{toy.View}:n_1h"))[0].Value.AsNumber());
    }

    [Fact]
    public async Task Lines_of_JSON_may_be_as_they_are_posted()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var events = $$$"""
            {"id": "e1", "entity": {"type": "{{{toy.EntityType}}}", "id": "n"}, "type": "{{{toy.Name}}}-tick", "time": "{{{Time()}}}", "fields": {"x": 2.5, "note": "a"}}
            {"id": "e1", "entity": {"type": "{{{toy.EntityType}}}", "id": "n"}, "type": "{{{toy.Name}}}-tick", "time": "{{{Time()}}}", "fields": {"x": 9}}
            {"entity": {"type": "{{{toy.EntityType}}}", "id": "n"}, "type": "{{{toy.Name}}}-tock", "fields": {}}
            """;
        var (job, faults) = await RunAsync(await StoreAsync(events, "ndjson"), UploadKinds.ParamsOf(UploadKinds.Events, null, null));
        Assert.Equal((1.0, 2.0), (job.Metrics["accepted"], job.Metrics["rejected"]));
        Assert.Equal(["id_conflict", "unknown_event_type"], Codes(faults!));

        var attributes = $$$"""
            {"entity": {"type": "{{{toy.EntityType}}}", "id": "n"}, "attributes": {"segment": "gold", "vip": true}}
            {"entityType": "{{{toy.EntityType}}}", "entityId": "n", "segment": null}
            {"entityType": "{{{toy.EntityType}}}", "entityId": "n", "vip": "perhaps"}
            """;
        (job, faults) = await RunAsync(await StoreAsync(attributes, "ndjson"), UploadKinds.ParamsOf(UploadKinds.Attributes, null, null));
        Assert.Equal((2.0, 1.0), (job.Metrics["accepted"], job.Metrics["rejected"]));
        Assert.Equal(["invalid_value"], Codes(faults!));
        var read = (await loop.Ingest.ReadAttributesAsync(toy.Entity("n"), default)).Value.Features.ToDictionary(f => f.Name[(f.Name.LastIndexOf('.') + 1)..], f => f.Value);
        Assert.True(!read.TryGetValue("segment", out var segment) || segment.IsMissing);
        Assert.Equal(1, read["vip"].AsNumber());
    }

    [Fact]
    public async Task Outcomes_of_a_file_label_by_prediction_and_by_entity_and_bad_ones_are_told_apart()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var first = await toy.PredictAsync(id: "p");
        var second = await toy.PredictAsync(id: "q");
        var third = await toy.PredictAsync(id: "r");
        var future = new DateTimeOffset(loop.Clock.Now.AddDays(2), TimeSpan.Zero).ToString("O");
        var text = "id,predictionId,entityType,entityId,target,time,value,source\n"
            + $"u1,{first.PredictionId},,,,,yes,desk\n"
            + $"u2,,{toy.EntityType},q,{toy.Target},{Time()},0,\n"
            + "u3,00000000000000000000000000000000,,,,,yes,\n"
            + $"u4,{third.PredictionId},,,,,maybe,\n"
            + $"u5,{third.PredictionId},,,,{future},yes,\n"
            + $"u6,{third.PredictionId},,,,,NaN,\n"
            + $"u7,,{toy.EntityType},r,nothing,,yes,\n"
            + $"u1,{first.PredictionId},,,,,yes,desk\n"
            + $"u1,{first.PredictionId},,,,,no,desk\n";
        var (job, faults) = await RunAsync(await StoreAsync(text, "csv"), UploadKinds.ParamsOf(UploadKinds.Outcomes, null, null));
        Assert.Equal((2.0, 1.0, 6.0), (job.Metrics["joined"], job.Metrics["duplicate"], job.Metrics["rejected"]));
        Assert.Equal(["orphan", "invalid_value", "too_far_in_future", "invalid_value", "unknown_target", "id_conflict"], faults!.Split('\n')[1..^1].Select(l => l.Split(',')[3]));
        Assert.Equal((1.0, "desk"), await LabelAsync(first.PredictionId));
        Assert.Equal((0.0, "api"), await LabelAsync(second.PredictionId));
        Assert.Equal((null, null), await LabelAsync(third.PredictionId));
    }

    [Fact]
    public async Task Of_an_export_that_comes_back_only_what_was_edited_is_a_correction()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add((await toy.PredictAsync(id: $"c{i}")).PredictionId);
            await toy.OutcomeAsync(answers[i], Scalar.Of("yes"), "o1");
        }

        var edited = "predictionId,label,truth,reason\n" + $"{answers[0]},no,yes,\n{answers[1]},no,no,a typing error\n{answers[2]},no,,\n";
        var (job, faults) = await RunAsync(await StoreAsync(edited, "csv"), UploadKinds.ParamsOf(UploadKinds.Corrections, null, null));
        Assert.Null(faults);
        Assert.Equal((2.0, 1.0), (job.Metrics["unchanged"], job.Metrics["corrected"]));
        Assert.Equal((0.0, "correction"), await LabelAsync(answers[1]));
        Assert.Equal("a typing error", (await loop.Control.GetPredictionAsync(answers[1], default)).Value.History[1].Statement.Reason);
        Assert.Equal((1.0, "api"), await LabelAsync(answers[0]));

        var plain = $"predictionId,label\n{answers[3]},no\nnone,no\n{answers[3]},perhaps\n";
        (job, faults) = await RunAsync(await StoreAsync(plain, "csv"), UploadKinds.ParamsOf(UploadKinds.Corrections, null, null));
        Assert.Equal((1.0, 2.0), (job.Metrics["corrected"], job.Metrics["rejected"]));
        Assert.Equal(["2,3,predictionId,orphan", "3,4,,invalid_value"], faults!.Split('\n')[1..3].Select(l => string.Join(',', l.Split(',')[..4])));
        await toy.DrainAsync();
        Assert.Equal(4 + 2, (await loop.Grains.GetGrain<ITrainerGrain>(toy.Name).GetAsync()).Value.Examples);
    }

    [Fact]
    public async Task What_cannot_be_stored_now_is_asked_again()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var answer = await toy.PredictAsync(id: "s");
        var failures = 0;
        loop.PredictionLog.BeforeCommit = (_, changes) =>
            changes.Any(c => c.PredictionId == answer.PredictionId) && ++failures <= 3 ? throw new StoreException("The disk is full.", 13) : Task.CompletedTask;
        try
        {
            var (job, faults) = await RunAsync(await StoreAsync($"predictionId,label\n{answer.PredictionId},yes\n", "csv"), UploadKinds.ParamsOf(UploadKinds.Corrections, null, null));
            Assert.Null(faults);
            Assert.Equal(1.0, job.Metrics["joined"]);
            Assert.Equal(4, failures);
        }
        finally
        {
            loop.PredictionLog.BeforeCommit = null;
        }
    }

    [Theory]
    [InlineData("{\"kind\":\"events\"}", "unknown_column", "entityId")]
    [InlineData("{\"kind\":\"outcomes\"}", "unknown_column", "value")]
    [InlineData("{\"kind\":\"corrections\"}", "unknown_column", "predictionId")]
    [InlineData("{\"kind\":\"attributes\",\"entityType\":\"nobody\"}", "unknown_entity_type", "nobody")]
    [InlineData("{\"kind\":\"labels\"}", "invalid", "labels")]
    [InlineData("{}", "missing_member", "kind")]
    [InlineData(null, "missing_member", "kind")]
    public async Task A_file_that_cannot_be_such_rows_is_refused_before_the_job_is_made(string? parameters, string code, string word)
    {
        var refused = await loop.Get<IJobService>().CreateAsync(new JobSpec { Kind = "upload", Dataset = await StoreAsync("a,b\n1,2\n", "csv"), Params = parameters }, default);
        Assert.Equal(code, refused.Error!.Code);
        Assert.Contains(word, refused.Error.Detail, StringComparison.Ordinal);
    }

    private string Time() => new DateTimeOffset(loop.Clock.Now, TimeSpan.Zero).ToString("O");

    private static IEnumerable<string> Codes(string lines) => lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("code").GetString()!);

    private async Task<(double? Label, string? Source)> LabelAsync(string predictionId) =>
        await loop.Store.Predictions.FindAsync(predictionId) is { } record ? (record.Label, record.OutcomeSource) : default;

    private async Task<string> StoreAsync(string text, string format)
    {
        var job = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, "file." + format, "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        return job.Value.Spec.Dataset!;
    }

    private async Task<(JobStatus Job, string? Faults)> RunAsync(string dataset, string parameters)
    {
        var jobs = loop.Get<IJobService>();
        var made = await jobs.CreateAsync(new JobSpec { Kind = "upload", Dataset = dataset, Params = parameters }, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        await Eventually.IsAsync(async () => (await jobs.GetAsync(made.Value.Id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(40));
        var job = (await jobs.GetAsync(made.Value.Id, default)).Value;
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        var faults = JsonDocument.Parse(job.Result!).RootElement.GetProperty("faults");
        if (faults.ValueKind == JsonValueKind.Null)
            return (job, null);
        await using var content = (await loop.Get<IDatasetService>().OpenAsync(faults.GetProperty("dataset").GetString()!, default)).Value;
        using var reader = new StreamReader(content);
        return (job, await reader.ReadToEndAsync());
    }
}
