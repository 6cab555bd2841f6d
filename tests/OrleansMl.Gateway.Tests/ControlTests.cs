using System.Text;

namespace OrleansMl.Gateway.Tests;

public class ControlTests
{
    [Fact]
    public async Task An_application_is_applied_listed_shown_and_deleted()
    {
        await using var host = await GatewayHost.StartAsync();
        var applied = await host.SendAsync("POST", "/api/v1/applications", "name: electricity\n", "application/yaml");
        Assert.Equal((201, "/api/v1/applications/electricity"), (applied.Status, applied.Headers["Location"]));
        Assert.Equal("""{"application":"electricity","revision":1,"changes":[{"action":"create","kind":"model","name":"electricity","keepsState":true}]}""", applied.Body);
        Assert.Equal(200, (await host.SendAsync("POST", "/api/v1/applications?dryRun=true", "name: electricity\n", null)).Status);
        Assert.True(host.Control.LastApply!.DryRun);
        Assert.Equal(200, (await host.SendAsync("POST", "/api/v1/applications", "again", "text/plain")).Status);

        var list = await host.GetAsync("/api/v1/applications?limit=1");
        Assert.Equal(("electricity", "electricity"), (list["items"][0].GetProperty("name").GetString(), list["nextPageToken"].GetString()));
        Assert.Equal("shop", (await host.GetAsync("/api/v1/applications?pageToken=electricity"))["items"][0].GetProperty("name").GetString());
        Assert.Equal("name: shop\n", (await host.GetAsync("/api/v1/applications/shop", ("Accept", "application/yaml"))).Body);
        Assert.Equal("name: shop\n", (await host.GetAsync("/api/v1/applications/shop"))["source"].GetString());
        Assert.Equal("unknown_application", (await host.GetAsync("/api/v1/applications/none")).Code);
        Assert.Equal(200, (await host.SendAsync("DELETE", "/api/v1/applications/electricity")).Status);
    }

    [Fact]
    public async Task A_faulty_application_says_line_and_column_and_an_incompatible_one_asks_for_a_reset()
    {
        await using var host = await GatewayHost.StartAsync();
        var broken = await host.SendAsync("POST", "/api/v1/applications", "broken", "application/yaml");
        Assert.Equal((400, 3, 7), (broken.Status, broken.Fault().GetProperty("line").GetInt32(), broken.Fault().GetProperty("column").GetInt32()));
        Assert.Equal((409, "incompatible_change"), ((await host.SendAsync("POST", "/api/v1/applications", "incompatible", null)).Status, (await host.SendAsync("POST", "/api/v1/applications", "incompatible", null)).Code));
        Assert.Equal(201, (await host.SendAsync("POST", "/api/v1/applications?allow=reset", "incompatible", null)).Status);
        Assert.Equal(400, (await host.SendAsync("POST", "/api/v1/applications?allow=all", "x", null)).Status);
        Assert.Equal(400, (await host.SendAsync("POST", "/api/v1/applications?dryrun=true", "x", null)).Status);
        Assert.Equal(400, (await host.SendAsync("POST", "/api/v1/applications", [0x61, 0xFF], null)).Status);
        Assert.Equal(413, (await host.SendAsync("POST", "/api/v1/applications", new byte[(1 << 20) + 1], null)).Status);
    }

    [Fact]
    public async Task A_version_is_registered_from_raw_bytes_or_from_parts()
    {
        await using var host = await GatewayHost.StartAsync();
        var raw = await host.SendAsync("POST", "/api/v1/models/fraud/versions", [8, 7], "application/octet-stream");
        Assert.Equal((201, "2", "available"), (raw.Status, raw["version"].GetString(), raw["state"].GetString()));
        Assert.Equal(("fraud", 2), (host.Control.LastRegistration!.Model, host.Control.LastRegistration.Artifact.Length));
        Assert.Equal(200, (await host.SendAsync("POST", "/api/v1/models/fraud/versions", [8], null)).Status);
        Assert.Equal("not_onnx", (await host.SendAsync("POST", "/api/v1/models/fraud/versions", [9], null)).Code);
        Assert.Equal("not_onnx", (await host.SendAsync("POST", "/api/v1/models/fraud/versions", [], null)).Code);
        Assert.Equal("invalid_name", (await host.SendAsync("POST", "/api/v1/models/a%20b/versions", [8], null)).Code);
        Assert.Equal(415, (await host.SendAsync("POST", "/api/v1/models/fraud/versions", [8], "application/json")).Status);

        var parts = await host.SendAsync("POST", "/api/v1/models/fraud/versions", Parts("""{"signature":{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,3]}]},"pipeline":[{"log":{}}],"parent":"1","tags":{"a":"b"}}"""), "multipart/form-data; boundary=\"zz\"");
        Assert.Equal(201, parts.Status);
        var registration = host.Control.LastRegistration;
        Assert.Equal(("[{\"log\":{}}]", 1, "b", "x", 3), (registration.Pipeline, registration.Parent, registration.Tags["a"], registration.Inputs[0].Name, registration.Artifact.Length));

        var fault = await host.SendAsync("POST", "/api/v1/models/fraud/versions", Parts("""{"pipeline":{"a":1,"a":2}}"""), "multipart/form-data; boundary=zz");
        Assert.Equal((400, "/pipeline/a"), (fault.Status, fault.Fault().GetProperty("pointer").GetString()));
        Assert.Equal(400, (await host.SendAsync("POST", "/api/v1/models/fraud/versions", [8], "multipart/form-data; boundary=zz")).Status);
        Assert.Equal(400, (await host.SendAsync("POST", "/api/v1/models/fraud/versions", [8], "multipart/form-data")).Status);
    }

    [Fact]
    public async Task Versions_and_their_artifacts_are_shown_loaded_unloaded_and_deleted()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal("2", (await host.GetAsync("/api/v1/models"))["items"][0].GetProperty("aliases").GetProperty("champion").GetString());
        Assert.Equal(["1", "2"], (await host.GetAsync("/api/v1/models/electricity"))["versions"].EnumerateArray().Select(version => version.GetProperty("version").GetString()!));
        Assert.Equal("[{\"impute\":{}}]", (await host.GetAsync("/api/v1/models/electricity/versions/1"))["pipeline"].GetRawText());
        Assert.Equal("unknown_version", (await host.GetAsync("/api/v1/models/electricity/versions/7")).Code);
        Assert.Equal("unknown_version", (await host.GetAsync("/api/v1/models/electricity/versions/x")).Code);
        Assert.Equal("unknown_model", (await host.GetAsync("/api/v1/models/none")).Code);
        var artifact = await host.GetAsync("/api/v1/models/electricity/versions/2/artifact");
        Assert.Equal(("application/octet-stream", "\"a1\"", 3), (artifact.ContentType, artifact.Headers["ETag"], artifact.Body.Length));
        Assert.Equal(200, (await host.PostAsync("/api/v1/models/electricity/versions/1/load", "")).Status);
        Assert.Equal(200, (await host.PostAsync("/api/v1/models/electricity/versions/1/unload", "{}")).Status);
        Assert.Equal((409, "in_use"), ((await host.SendAsync("DELETE", "/api/v1/models/electricity/versions/2")).Status, (await host.SendAsync("DELETE", "/api/v1/models/electricity/versions/2")).Code));
    }

    [Fact]
    public async Task An_alias_is_swapped_only_from_what_the_caller_expects()
    {
        await using var host = await GatewayHost.StartAsync();
        const string Path = "/api/v1/models/electricity/aliases/champion";
        var set = await host.SendAsync("PUT", Path, """{"version":"1","expected":"2","reason":"test"}""");
        Assert.Equal("""{"alias":"champion","version":"1","previous":"2","planRevision":6}""", set.Body);
        Assert.Equal(new AliasChange("champion", 1, 2, "test", "api"), host.Control.LastAlias);
        var conflict = await host.SendAsync("PUT", Path, """{"version":"1","expected":null}""");
        Assert.Equal((409, "conflict", "2"), (conflict.Status, conflict.Code, conflict["current"].GetString()));
        Assert.Equal("missing_member", (await host.SendAsync("PUT", Path, """{"version":"1"}""")).Code);
        Assert.Equal("invalid_type", (await host.SendAsync("PUT", Path, """{"version":1,"expected":null}""")).Code);
        Assert.Equal(200, (await host.SendAsync("DELETE", Path + "?expected=2")).Status);
        Assert.Equal(200, (await host.SendAsync("DELETE", Path, """{"expected":"2"}""")).Status);
        Assert.Null(host.Control.LastAlias!.Version);
        Assert.Equal(400, (await host.SendAsync("DELETE", Path)).Status);
        Assert.Equal(5, (await host.GetAsync("/api/v1/models/electricity/aliases"))["planRevision"].GetInt32());
    }

    [Fact]
    public async Task Traffic_is_set_on_the_plan_that_the_caller_saw()
    {
        await using var host = await GatewayHost.StartAsync();
        const string Path = "/api/v1/models/electricity/traffic";
        Assert.Equal("""{"split":[],"shadow":[],"sticky":null,"planRevision":5}""", (await host.GetAsync(Path)).Body);
        var set = await host.SendAsync("PUT", Path, """{"expected":5,"split":[{"version":"1","weight":90},{"version":"2","weight":10}],"shadow":["3"],"sticky":"entity"}""");
        Assert.Equal("""{"split":[{"version":"1","weight":90},{"version":"2","weight":10}],"shadow":["3"],"sticky":"entity","planRevision":6}""", set.Body);
        Assert.Equal(("api", true), (host.Control.LastTraffic!.By, host.Control.LastTraffic.Traffic.IsSticky));
        Assert.Equal(200, (await host.SendAsync("PUT", Path, """{"expected":5}""")).Status);
        var conflict = await host.SendAsync("PUT", Path, """{"expected":4}""");
        Assert.Equal((409, "conflict", "5"), (conflict.Status, conflict.Code, conflict["current"].GetString()));
    }

    [Theory]
    [InlineData("""{"split":[]}""", "missing_member", "expected")]
    [InlineData("""{"expected":5,"split":[{"version":"1"}]}""", "missing_member", "weight")]
    [InlineData("""{"expected":5,"split":[{"version":1,"weight":1}]}""", "invalid_type", "version")]
    [InlineData("""{"expected":5,"split":[{"version":"1","weight":-1}]}""", "invalid_traffic", "version 1 is -1")]
    [InlineData("""{"expected":5,"split":[{"version":"1","weight":0}]}""", "invalid_traffic", "no version would answer")]
    [InlineData("""{"expected":5,"split":[{"version":"1","weight":1}],"shadow":["1"]}""", "invalid_traffic", "named twice")]
    [InlineData("""{"expected":5,"sticky":"cookie"}""", "invalid", "sticky")]
    public async Task Traffic_that_cannot_be_is_refused_by_name(string body, string code, string words)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.SendAsync("PUT", "/api/v1/models/electricity/traffic", body);
        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.Contains(words, answer.Body, StringComparison.Ordinal);
        Assert.Null(host.Control.LastTraffic);
    }

    [Fact]
    public async Task Promotions_carry_evidence_and_need_it_unless_forced()
    {
        await using var host = await GatewayHost.StartAsync();
        const string Path = "/api/v1/models/electricity/promotions";
        Assert.Equal((422, "insufficient_evidence"), ((await host.PostAsync(Path, """{"candidate":"2","expected":"1","reason":"x"}""")).Status, (await host.PostAsync(Path, """{"candidate":"2","expected":"1","reason":"x"}""")).Code));
        var forced = await host.PostAsync(Path, """{"candidate":"2","expected":"1","reason":"x","force":true}""");
        Assert.Equal((200, 300, 0.01), (forced.Status, forced["evidence"].GetProperty("n").GetInt32(), forced["evidence"].GetProperty("lower").GetDouble()));
        Assert.Equal("/force", (await host.PostAsync(Path, """{"candidate":"2","force":"true"}""")).Fault().GetProperty("pointer").GetString());
        Assert.Equal("1", (await host.GetAsync(Path))["items"][0].GetProperty("id").GetString());
        Assert.Equal("2", (await host.GetAsync(Path + "/1"))["to"].GetString());
        Assert.Equal("unknown_promotion", (await host.GetAsync(Path + "/2")).Code);
        Assert.Equal("broke", (await host.PostAsync("/api/v1/models/electricity/rollback", """{"reason":"broke"}"""))["reason"].GetString());
        Assert.Equal(200, (await host.PostAsync("/api/v1/models/electricity/rollback", "")).Status);
    }

    [Fact]
    public async Task Force_needs_a_reason_and_evidence_names_its_slices_and_guardrails()
    {
        await using var host = await GatewayHost.StartAsync();
        const string Path = "/api/v1/models/electricity/promotions";
        var unsaid = await host.PostAsync(Path, """{"candidate":"2","expected":"1","force":true}""");
        Assert.Equal(400, unsaid.Status);
        Assert.Contains("reason", unsaid.Fault().GetProperty("detail").GetString(), StringComparison.Ordinal);
        var evidence = (await host.GetAsync(Path + "/1"))["evidence"];
        var slice = evidence.GetProperty("slices")[0];
        Assert.Equal(("segment=gold", "open", System.Text.Json.JsonValueKind.Null), (slice.GetProperty("slice").GetString(), slice.GetProperty("verdict").GetString(), slice.GetProperty("upper").ValueKind));
        Assert.Equal("kept", evidence.GetProperty("guardrails")[0].GetProperty("verdict").GetString());
        Assert.Equal("segment=tin", evidence.GetProperty("droppedSlices")[0].GetString());
    }

    [Fact]
    public async Task A_rollout_is_begun_shown_and_commanded()
    {
        await using var host = await GatewayHost.StartAsync();
        const string Path = "/api/v1/models/electricity/rollouts";
        Assert.Equal(201, (await host.PostAsync(Path, """{"candidate":"2","reason":"x"}""")).Status);
        Assert.Equal(("x", false), (host.Control.LastRollout!.Reason, string.IsNullOrEmpty(host.Control.LastRollout.By)));
        var busy = await host.PostAsync(Path, """{"candidate":"4","reason":"x"}""");
        Assert.Equal((409, "rollout_running", "3"), (busy.Status, busy.Code, busy["current"].GetString()));
        Assert.Equal(400, (await host.PostAsync(Path, """{"candidate":"2"}""")).Status);
        Assert.Equal(400, (await host.PostAsync(Path, """{"candidate":"2","reason":"x","weight":1}""")).Status);
        var shown = await host.GetAsync(Path + "/3");
        Assert.Equal(("running", "canary", 0.05), (shown["state"].GetString(), shown["stage"].GetString(), shown["weight"].GetDouble()));
        Assert.Equal("step", shown["steps"][0].GetProperty("action").GetString());
        Assert.Equal("unknown_rollout", (await host.GetAsync(Path + "/4")).Code);
        foreach (var command in (string[])["pause", "resume", "abort"])
        {
            Assert.Equal(200, (await host.PostAsync($"{Path}/3/{command}", "")).Status);
            Assert.Equal("3 " + command, host.Control.LastCommand);
        }
    }

    [Fact]
    public async Task A_learner_is_shown_and_commanded()
    {
        await using var host = await GatewayHost.StartAsync();
        var learner = await host.GetAsync("/api/v1/models/electricity/learner");
        Assert.Equal((0.3, System.Text.Json.JsonValueKind.Null), (learner["loss"].GetProperty("cumulative").GetDouble(), learner["loss"].GetProperty("windowed").ValueKind));
        Assert.Equal("noChange", learner["baselines"][0].GetProperty("predictor").GetString());
        foreach (var command in (string[])["pause", "resume", "reset", "snapshot"])
        {
            Assert.Equal(200, (await host.PostAsync("/api/v1/models/electricity/learner/" + command, "")).Status);
            Assert.Equal(command, host.Control.LastCommand);
        }

        Assert.Equal(404, (await host.PostAsync("/api/v1/models/electricity/learner/explode", "")).Status);
    }

    private static byte[] Parts(string manifest) =>
    [
        .. Encoding.ASCII.GetBytes("--zz\r\nContent-Disposition: form-data; name=\"artifact\"; filename=\"m.onnx\"\r\n\r\n"), 8, 13, 10,
        .. Encoding.ASCII.GetBytes("\r\n--zz\r\nContent-Disposition: form-data; name=manifest\r\n\r\n" + manifest + "\r\n--zz--\r\n"),
    ];
}
