using System.Collections.Immutable;
using System.Text;
using OrleansMl.Inference;

namespace OrleansMl.Gateway.Tests;

/// <summary>Repository, configuration, statistics, trace and logging settings over REST.</summary>
public class ExtensionTests
{
    [Fact]
    public async Task The_index_is_answered_without_a_body_and_filtered_by_ready()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal("""[{"name":"simple","version":"1","state":"READY","reason":""},{"name":"waiting","state":"UNAVAILABLE","reason":"it has no version yet"}]""", (await host.SendAsync("POST", "/v2/repository/index?a=b")).Body);
        Assert.Equal(1, (await host.PostAsync("/v2/repository/index", """{"ready":true}""")).Json.GetArrayLength());
        Assert.Equal(404, (await host.SendAsync("POST", "/v2/repository/other/index")).Status);
    }

    [Fact]
    public async Task A_load_brings_configuration_and_files_and_no_body_is_none()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal(200, (await host.SendAsync("POST", "/v2/repository/models/simple/load")).Status);
        Assert.Null(host.Repository.LastLoad!.Config);
        Assert.Equal(200, (await host.PostAsync("/v2/repository/models/simple/load", """{"parameters":{"config":"{}","file:1/model.onnx":"AQID"}}""")).Status);
        Assert.Equal("{}", host.Repository.LastLoad!.Config);
        Assert.Equal([1, 2, 3], host.Repository.LastLoad.Files["1/model.onnx"].ToArray());

        foreach (var body in new[] { """{"parameters":{"file:1/model.onnx":"§"}}""", """{"parameters":{"other":"x"}}""", """{"parameters":{"config":{}}}""", "[]", "{" })
            Assert.Equal(400, (await host.PostAsync("/v2/repository/models/simple/load", body)).Status);
        var unknown = await host.PostAsync("/v2/repository/models/wrong/load", "{}");
        Assert.Contains("failed to load", unknown["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(404, unknown.Status);
        Assert.Equal(200, (await host.PostAsync("/v2/repository/models/simple/unload", """{"parameters":{"unload_dependents":false}}""")).Status);
        Assert.Equal(200, (await host.PostAsync("/v2/repository/models/simple/unload", """{"parameters":{"other":[1],"unload_dependents":true}}""")).Status);
        Assert.Equal(400, (await host.PostAsync("/v2/repository/models/simple/unload", """{"parameters":{"unload_dependents":"true"}}""")).Status);
        Assert.Equal(["simple", "simple and what it runs"], host.Repository.Unloaded);
    }

    [Fact]
    public async Task The_configuration_has_numbers_as_numbers_and_dims_without_the_batch()
    {
        await using var host = await GatewayHost.StartAsync();
        var config = await host.GetAsync("/v2/models/simple/config");
        Assert.Equal(64, config["max_batch_size"].GetInt32());
        Assert.Equal("""{"name":"INPUT0","data_type":"TYPE_INT32","dims":[16]}""", config["input"][0].GetRawText());
        Assert.Equal(("simple", "onnxruntime_onnx"), (config["name"].GetString(), config["platform"].GetString()));
        Assert.Equal(200, (await host.GetAsync("/v2/models/simple/versions/1/config")).Status);
        Assert.Equal(404, (await host.GetAsync("/v2/models/wrong/config")).Status);
    }

    [Fact]
    public async Task Statistics_are_those_counted_for_one_model_or_all()
    {
        await using var host = await GatewayHost.StartAsync();
        host.Inference.Statistics = new BatchingStatistics(
            new(2, 30_000), new(1, 5_000), new(2, 7_000), new(2, 2_000), new(2, 4_000), new(2, 6_000), 4, 1, Samples.Time,
            [new(4, new(1, 1_000), new(1, 2_000), new(1, 3_000))], ImmutableSortedDictionary<string, long>.Empty, 0, 0);

        var one = (await host.GetAsync("/v2/models/simple/versions/1/stats"))["model_stats"];
        Assert.Equal(1, one.GetArrayLength());
        Assert.Equal((4, 1), (one[0].GetProperty("inference_count").GetInt32(), one[0].GetProperty("execution_count").GetInt32()));
        var stats = one[0].GetProperty("inference_stats");
        Assert.Equal("""{"count":2,"ns":30000}""", stats.GetProperty("success").GetRawText());
        Assert.Equal("""{"count":1,"ns":5000}""", stats.GetProperty("fail").GetRawText());
        Assert.Equal("""{"count":3,"ns":300}""", stats.GetProperty("cache_hit").GetRawText());
        Assert.Equal("""{"count":4,"ns":400}""", stats.GetProperty("cache_miss").GetRawText());
        Assert.Equal("""{"count":2,"ns":7000}""", stats.GetProperty("queue").GetRawText());
        Assert.Equal("""{"count":2,"ns":4000}""", stats.GetProperty("compute_infer").GetRawText());
        Assert.Equal("""{"batch_size":4,"compute_input":{"count":1,"ns":1000},"compute_infer":{"count":1,"ns":2000},"compute_output":{"count":1,"ns":3000}}""", one[0].GetProperty("batch_stats")[0].GetRawText());
        Assert.Equal(3, (await host.GetAsync("/v2/models/stats?x"))["model_stats"].GetArrayLength());
        Assert.Equal(404, (await host.GetAsync("/v2/models/wrong/stats")).Status);
    }

    [Fact]
    public async Task Trace_settings_are_changed_for_the_server_and_over_it_for_a_model()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal("""{"trace_file":"","trace_level":["OFF"],"trace_rate":"1000","trace_count":"-1","log_frequency":"0"}""", (await host.GetAsync("/v2/trace/setting")).Body);
        await host.PostAsync("/v2/trace/setting", """{"trace_rate":"5"}""");
        var ofModel = await host.PostAsync("/v2/models/simple/trace/setting", """{"trace_level":["TIMESTAMPS"],"trace_rate":"7"}""");
        Assert.Equal(("7", "TIMESTAMPS"), (ofModel["trace_rate"].GetString(), ofModel["trace_level"][0].GetString()));
        Assert.Equal("5", (await host.PostAsync("/v2/models/simple/trace/setting", """{"trace_rate":null}"""))["trace_rate"].GetString());
        Assert.Equal("1000", (await host.PostAsync("/v2/trace/setting", """{"trace_rate":null}"""))["trace_rate"].GetString());
        foreach (var (body, status) in new[] { ("""{"trace_file":"/etc/passwd"}""", 400), ("""{"trace_level":["TENSORS"]}""", 501), ("""{"trace_level":["X"]}""", 400), ("""{"trace_rate":"0"}""", 400), ("""{"other":"1"}""", 400) })
            Assert.Equal(status, (await host.PostAsync("/v2/trace/setting", body)).Status);
        Assert.Equal(404, (await host.GetAsync("/v2/models/wrong/trace/setting")).Status);
    }

    [Fact]
    public async Task Log_settings_are_changed_and_places_are_not()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal("""{"log_file":"","log_info":true,"log_warning":true,"log_error":true,"log_verbose_level":0,"log_format":"default"}""", (await host.GetAsync("/v2/logging")).Body);
        var changed = await host.PostAsync("/v2/logging", """{"log_info":false,"log_verbose_level":1}""");
        Assert.Equal((false, 1), (changed["log_info"].GetBoolean(), changed["log_verbose_level"].GetInt32()));
        foreach (var body in new[] { """{"log_file":"x"}""", """{"log_info":"yes"}""", """{"log_verbose_level":-1}""", """{"log_format":"ISO8601"}""", """{"other":1}""" })
            Assert.Equal(400, (await host.PostAsync("/v2/logging", body)).Status);
    }

    [Fact]
    public async Task Changes_need_the_role_operate()
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("key")));
        await using var host = await GatewayHost.StartAsync(options => options.Keys.Add(new GatewayKey { Name = "reader", Sha256 = hash, Roles = GatewayRoles.Predict }));
        foreach (var path in new[] { "/v2/repository/models/simple/load", "/v2/repository/models/simple/unload", "/v2/trace/setting", "/v2/logging" })
        {
            Assert.Equal(401, (await host.SendAsync("POST", path)).Status);
            Assert.Equal(403, (await host.SendAsync("POST", path, (byte[]?)null, null, ("Authorization", "Bearer key"))).Status);
        }

        Assert.Equal(200, (await host.GetAsync("/v2/trace/setting", ("Authorization", "Bearer key"))).Status);
    }
}
