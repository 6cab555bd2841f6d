using System.Net;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Gateway.Tests;

public sealed class JobTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(options => options.EventHeartbeat = TimeSpan.FromMilliseconds(50));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_job_is_accepted_with_its_address_and_its_body_is_read_strictly()
    {
        var made = await _host.PostAsync("/api/v1/jobs", """{"kind":"batchPredict","model":"electricity","alias":"champion","dataset":"d1","params":{"keep":["a"]},"seed":null}""");
        Assert.Equal((202, "/api/v1/jobs/made", "queued"), (made.Status, made.Headers["Location"], made["state"].GetString()));
        Assert.Equal("""{"keep":["a"]}""", made["params"].GetRawText());
        Assert.Equal((404, "unknown_model"), await StatusAsync("""{"kind":"batchPredict","model":"nothing"}"""));
        Assert.Equal((400, "missing_member"), await StatusAsync("{}"));
        Assert.Equal((400, "unknown_member"), await StatusAsync("""{"kind":"x","modle":"y"}"""));
        Assert.Equal((400, "invalid"), await StatusAsync("""{"kind":"x","version":"1","alias":"champion"}"""));
        Assert.Equal((400, "invalid_type"), await StatusAsync("""{"kind":"x","params":[]}"""));
        Assert.Equal((400, "repeated_member"), await StatusAsync("""{"kind":"x","params":{"a":1,"a":2}}"""));

        async Task<(int, string?)> StatusAsync(string body)
        {
            var answer = await _host.PostAsync("/api/v1/jobs", body);
            return (answer.Status, answer.Code);
        }
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_in_pages_and_by_state()
    {
        _host.Jobs.Add("zzz", JobState.Running);
        var first = await _host.GetAsync("/api/v1/jobs?limit=2");
        Assert.Equal(["zzz", "succeeded"], first["items"].EnumerateArray().Select(i => i.GetProperty("id").GetString()));
        var second = await _host.GetAsync("/api/v1/jobs?limit=2&pageToken=" + first["nextPageToken"].GetString());
        Assert.Equal("failed", Assert.Single(second["items"].EnumerateArray()).GetProperty("id").GetString());
        var failed = Assert.Single((await _host.GetAsync("/api/v1/jobs?state=failed"))["items"].EnumerateArray());
        Assert.Equal("row_failed", failed.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, failed.GetProperty("metrics").GetProperty("pace").ValueKind);
        Assert.Equal(400, (await _host.GetAsync("/api/v1/jobs?state=done")).Status);
        Assert.Equal(404, (await _host.GetAsync("/api/v1/jobs/none")).Status);
    }

    [Fact]
    public async Task A_job_is_cancelled_repeated_and_explained()
    {
        _host.Jobs.Add("a");
        Assert.Equal((200, "cancelled"), await _host.PostAsync("/api/v1/jobs/a/cancel", "") is var c ? (c.Status, c["state"].GetString()) : default);
        _host.Jobs.Add("b", JobState.Succeeded);
        Assert.Equal((409, "job_ended"), await _host.PostAsync("/api/v1/jobs/b/cancel", "") is var e ? (e.Status, e.Code) : default);
        var again = await _host.PostAsync("/api/v1/jobs/b/repeat", "");
        Assert.Equal((202, "b", "/api/v1/jobs/again"), (again.Status, again["repeatOf"].GetString(), again.Headers["Location"]));
        var manifest = await _host.GetAsync("/api/v1/jobs/b/manifest");
        Assert.Equal(("abc", "d1", 1), (manifest["versionDigest"].GetString(), manifest["dataset"].GetProperty("id").GetString(), manifest["attempts"][0].GetProperty("number").GetInt32()));
        foreach (var text in new[] { "one", "two", "three" })
            _host.Jobs.Say("b", text);
        var page = await _host.GetAsync("/api/v1/jobs/b/log?limit=2");
        Assert.Equal(["one", "two"], page["items"].EnumerateArray().Select(i => i.GetProperty("text").GetString()));
        Assert.Equal("2", page["nextPageToken"].GetString());
        Assert.Equal("three", (await _host.GetAsync("/api/v1/jobs/b/log?pageToken=2"))["items"][0].GetProperty("text").GetString());
        Assert.Equal(400, (await _host.GetAsync("/api/v1/jobs/b/log?pageToken=x")).Status);
    }

    [Fact]
    public async Task Events_tell_of_state_progress_and_log_and_end_after_the_final_state()
    {
        _host.Jobs.Add("a");
        using var events = await EventsAsync("a");
        Assert.Equal(("state", "queued"), await events.NextAsync() is var e ? (e.Name, e.Data.GetProperty("state").GetString()) : default);
        _host.Jobs.Change("a", j => j with { State = JobState.Running, Transitions = 2, Attempt = 1 });
        Assert.Equal("running", (await events.NextAsync()).Data.GetProperty("state").GetString());
        _host.Jobs.Change("a", j => j with { Progress = 0.25, Step = "score" });
        Assert.Equal(("progress", 0.25), await events.NextAsync() is var p ? (p.Name, p.Data.GetProperty("progress").GetDouble()) : default);
        _host.Jobs.Say("a", "half");
        var line = await events.NextAsync();
        Assert.Equal(("log", "half", "1-2"), (line.Name, line.Data.GetProperty("text").GetString(), line.Id));
        await events.NextAsync();
        _host.Jobs.Change("a", j => j with { State = JobState.Succeeded, Transitions = 3, Result = "{}" });
        Assert.Equal("succeeded", (await events.NextAsync()).Data.GetProperty("state").GetString());
        Assert.True(await events.EndsAsync());
    }

    [Fact]
    public async Task Who_comes_again_goes_on_after_the_last_event_and_is_told_when_there_is_nothing_more()
    {
        _host.Jobs.Add("a", JobState.Running);
        foreach (var text in new[] { "one", "two", "three" })
            _host.Jobs.Say("a", text);
        using (var events = await EventsAsync("a", "2-1"))
            Assert.Equal("three", (await events.NextAsync()).Data.GetProperty("text").GetString());
        _host.Jobs.Change("a", j => j with { State = JobState.Failed, Transitions = 2 });
        using (var events = await EventsAsync("a", "3-1"))
        {
            Assert.Equal("failed", (await events.NextAsync()).Data.GetProperty("state").GetString());
            Assert.True(await events.EndsAsync());
        }

        Assert.Equal(204, (await _host.GetAsync("/api/v1/jobs/a/events", ("Last-Event-ID", "3-2"))).Status);
        Assert.Equal(400, (await _host.GetAsync("/api/v1/jobs/a/events", ("Last-Event-ID", "x"))).Status);
        Assert.Equal(404, (await _host.GetAsync("/api/v1/jobs/none/events")).Status);
    }

    [Fact]
    public async Task A_silent_stream_has_a_heartbeat_and_a_stopping_server_ends_it()
    {
        _host.Jobs.Add("a", JobState.Running);
        using var events = await EventsAsync("a");
        await events.NextAsync();
        Assert.Equal(":", await events.LineAsync());
        var stopping = _host.DisposeAsync();
        Assert.True(await events.EndsAsync());
        await stopping;
        _host = await GatewayHost.StartAsync();
    }

    [Fact]
    public async Task A_data_set_is_uploaded_as_it_is_or_in_one_part()
    {
        var plain = await _host.SendAsync("POST", "/api/v1/datasets?name=r.csv", "a,b\n5,6\n", "text/csv");
        Assert.Equal((202, "/api/v1/jobs/j1", "d1"), (plain.Status, plain.Headers["Location"], plain["result"].GetProperty("dataset").GetString()));
        Assert.Equal(("csv", "r.csv", "a,b\n5,6\n"), (_host.Datasets.Last!.Format, _host.Datasets.Last.Name, Encoding.UTF8.GetString(_host.Datasets.Content)));

        Assert.Equal(202, (await PartsAsync(("file", "rows.ndjson", "{\"a\":1}\n"))).Status);
        Assert.Equal(("ndjson", "rows.ndjson", "{\"a\":1}\n"), (_host.Datasets.Last!.Format, _host.Datasets.Last.Name, Encoding.UTF8.GetString(_host.Datasets.Content)));
        Assert.Equal(202, (await PartsAsync(("csv", "rows", "a\n1\n"))).Status);
        Assert.Equal((400, "invalid"), await PartsAsync(("file", "a.csv", "a\n1\n"), ("more", "b.csv", "x")) is var two ? (two.Status, two.Code) : default);
        Assert.Equal(400, (await PartsAsync(("other", "a.csv", "a\n1\n"))).Status);
        Assert.Equal((400, "unknown_format"), await PartsAsync(("file", "a.bin", "a\n1\n")) is var b ? (b.Status, b.Code) : default);
    }

    [Theory]
    [InlineData("application/json", "{}", 400, "missing_member")]
    [InlineData("application/json", """{"rows":{"model":"m"},"spine":{"dataset":"d","entityType":"t"}}""", 400, "conflict")]
    [InlineData("application/json", """{"rows":{"from":"2026-01-01T00:00:00Z"}}""", 400, "missing_member")]
    [InlineData("application/json", """{"rows":{"model":"m","from":"yesterday"}}""", 400, "invalid_time")]
    [InlineData("application/json", """{"rows":{"model":"nothing"}}""", 404, "unknown_model")]
    [InlineData("application/xml", "{}", 415, "unsupported_media_type")]
    [InlineData("application/octet-stream", "x", 400, "unknown_format")]
    [InlineData("text/csv", "a,b\nbad\n", 400, "malformed_csv")]
    [InlineData("multipart/form-data", "x", 400, "invalid")]
    [InlineData("multipart/form-data; boundary=q", "--q\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\na,b\n1", 400, "invalid")]
    public async Task An_upload_that_cannot_be_taken_says_why(string type, string body, int status, string code)
    {
        var answer = await _host.SendAsync("POST", "/api/v1/datasets", body, type);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        if (code == "malformed_csv")
            Assert.Equal(3, answer.Fault().GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task A_data_set_is_made_of_logged_predictions_or_of_a_spine()
    {
        var check = new SchemaCheck((await _host.GetAsync("/openapi/v1.json")).Json);
        var rows = await _host.PostAsync("/api/v1/datasets", """{"features":["a"],"rows":{"model":"m","from":"2026-01-01T00:00:00Z","to":null},"format":"ndjson","name":null}""");
        Assert.Equal((202, "/api/v1/jobs/made"), (rows.Status, rows.Headers["Location"]));
        Assert.Null(check.WhyNot("Job", rows.Json));
        Assert.Equal(("dataset", "m", """{"features":["a"],"format":"ndjson"}""", """{"from":"2026-01-01T00:00:00Z"}"""), await SpecAsync());
        Assert.Equal(202, (await _host.PostAsync("/api/v1/datasets", """{"spine":{"dataset":"d1","entityType":"client"},"features":["v:*"]}""")).Status);
        Assert.Equal(("dataset", null, """{"entityType":"client","features":["v:*"]}""", null), await SpecAsync());
        Assert.Equal(400, (await _host.PostAsync("/api/v1/datasets?format=csv", """{"rows":{"model":"m"}}""")).Status);

        // A spine that is sent becomes a data set first.
        using var content = new MultipartFormDataContent { { new ByteArrayContent("entityId,time\n1,2026-01-01T00:00:00Z\n"u8.ToArray()), "spine", "spine.csv" } };
        var sent = await _host.SendAsync("POST", "/api/v1/datasets?entityType=client&features=v:*,%20w:x", await content.ReadAsByteArrayAsync(), content.Headers.ContentType!.ToString());
        Assert.Equal((202, "/api/v1/jobs/made", "spine.csv"), (sent.Status, sent.Headers["Location"], _host.Datasets.Last!.Name));
        Assert.Equal(("dataset", null, """{"features":["v:*","w:x"],"entityType":"client"}""", null), await SpecAsync());

        async Task<(string, string?, string?, string?)> SpecAsync()
        {
            var spec = (await _host.Jobs.GetAsync("made", default)).Value.Spec;
            return (spec.Kind, spec.Model, spec.Params, spec.Window);
        }
    }

    [Fact]
    public async Task An_upload_that_is_too_large_is_413()
    {
        var answer = await _host.SendAsync("POST", "/api/v1/datasets", "a\n" + new string('1', 2000), "text/csv");
        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task The_content_comes_whole_or_in_ranges()
    {
        var whole = await _host.GetAsync("/api/v1/datasets/d1/content");
        Assert.Equal((200, "text/csv", "a,b\n1,2\n3,4\n"), (whole.Status, whole.ContentType, whole.Body));
        Assert.Equal($"\"{new string('a', 64)}\"", whole.Headers["ETag"]);
        var part = await _host.GetAsync("/api/v1/datasets/d1/content", ("Range", "bytes=4-6"));
        Assert.Equal((206, "1,2", "bytes 4-6/12"), (part.Status, part.Body, part.Headers["Content-Range"]));
        Assert.Equal("3,4\n", (await _host.GetAsync("/api/v1/datasets/d1/content", ("Range", "bytes=-4"))).Body);
        var changed = await _host.GetAsync("/api/v1/datasets/d1/content", ("Range", "bytes=4-6"), ("If-Range", "\"other\""));
        Assert.Equal((200, 12), (changed.Status, changed.Body.Length));
        var beyond = await _host.GetAsync("/api/v1/datasets/d1/content", ("Range", "bytes=99-"));
        Assert.Equal((416, "invalid_range"), (beyond.Status, beyond.Code));
        Assert.Equal((404, "unknown_dataset"), await _host.GetAsync("/api/v1/datasets/none/content") is var none ? (none.Status, none.Code) : default);
    }

    [Fact]
    public async Task Data_sets_are_listed_newest_first_in_pages_and_by_origin()
    {
        foreach (var (id, sequence, kind) in new[] { ("d2", 2, "retrain"), ("d3", 3, "batchPredict"), ("d4", 4, "retrain") })
            _host.Datasets.Others.Add(id, FakeDatasets.Record(id) with { Sequence = sequence, Kind = kind, Model = id == "d2" ? "m" : null });
        var first = await _host.GetAsync("/api/v1/datasets?limit=3");
        Assert.Equal(["d4", "d3", "d2"], Ids(first));
        var second = await _host.GetAsync("/api/v1/datasets?limit=3&pageToken=" + first["nextPageToken"].GetString());
        Assert.Equal(["d1"], Ids(second));
        Assert.Equal(JsonValueKind.Null, second["nextPageToken"].ValueKind);
        var sent = second["items"][0];
        Assert.Equal(("file", """[{"model":"electricity","version":"2"}]"""), (sent.GetProperty("kind").GetString(), sent.GetProperty("versions").GetRawText()));
        Assert.Equal(["d4", "d2"], Ids(await _host.GetAsync("/api/v1/datasets?kind=retrain")));
        Assert.Equal(["d2"], Ids(await _host.GetAsync("/api/v1/datasets?kind=retrain&model=m")));
        Assert.Equal(400, (await _host.GetAsync("/api/v1/datasets?pageToken=x")).Status);
        Assert.Equal(400, (await _host.GetAsync("/api/v1/datasets?origin=retrain")).Status);

        static IEnumerable<string?> Ids(Answer page) => page["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_data_set_is_deleted_and_by_force_one_that_a_version_was_learned_from()
    {
        _host.Datasets.Others.Add("d2", FakeDatasets.Record("d2"));
        Assert.Equal((200, "d2"), await DeleteAsync("/api/v1/datasets/d2") is var gone ? (gone.Status, gone["id"].GetString()) : default);
        Assert.Equal((404, "unknown_dataset"), await DeleteAsync("/api/v1/datasets/d2") is var none ? (none.Status, none.Code) : default);
        var named = await DeleteAsync("/api/v1/datasets/d1");
        Assert.Equal((409, "dataset_named", "electricity/2"), (named.Status, named.Code, named["current"].GetString()));
        Assert.Equal(409, (await DeleteAsync("/api/v1/datasets/d1?force=false")).Status);
        Assert.Equal(400, (await DeleteAsync("/api/v1/datasets/d1?force=yes")).Status);
        Assert.Equal(200, (await DeleteAsync("/api/v1/datasets/d1?force=true")).Status);
    }

    [Fact]
    public async Task A_job_is_deleted_once_it_has_ended()
    {
        _host.Jobs.Add("a");
        Assert.Equal((409, "job_open", "queued"), await DeleteAsync("/api/v1/jobs/a") is var open ? (open.Status, open.Code, open["current"].GetString()) : default);
        Assert.Equal((200, "failed"), await DeleteAsync("/api/v1/jobs/failed") is var gone ? (gone.Status, gone["id"].GetString()) : default);
        Assert.Equal((404, "unknown_job"), await DeleteAsync("/api/v1/jobs/failed") is var none ? (none.Status, none.Code) : default);
    }

    private Task<Answer> DeleteAsync(string path) => _host.SendAsync("DELETE", path, (byte[]?)null, null);

    private async Task<Answer> PartsAsync(params (string Name, string File, string Text)[] parts)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, file, text) in parts)
            content.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), name, file);
        return await _host.SendAsync("POST", "/api/v1/datasets", await content.ReadAsByteArrayAsync(), content.Headers.ContentType!.ToString());
    }

    private async Task<EventReader> EventsAsync(string id, string? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/jobs/{id}/events");
        if (last is not null)
            request.Headers.Add("Last-Event-ID", last);
        var response = await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        return new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private sealed record Event(string Name, string Id, JsonElement Data);

    /// <summary>Reads events as they come; heartbeats are passed over.</summary>
    private sealed class EventReader(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

        public async Task<Event> NextAsync()
        {
            var fields = new Dictionary<string, string>();
            while (true)
            {
                var line = await LineAsync() ?? throw new EndOfStreamException("The stream ended.");
                if (line.Length == 0 && fields.Count > 0)
                    return new Event(fields["event"], fields["id"], JsonDocument.Parse(fields["data"]).RootElement);
                if (line.Length > 0 && line[0] != ':')
                    fields[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..];
            }
        }

        public Task<string?> LineAsync() => reader.ReadLineAsync().WaitAsync(Limit);

        /// <summary>Nothing comes any more but heartbeats.</summary>
        public async Task<bool> EndsAsync()
        {
            while (await LineAsync() is { } line)
            {
                if (line.Length > 0 && line[0] != ':')
                    return false;
            }

            return true;
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
