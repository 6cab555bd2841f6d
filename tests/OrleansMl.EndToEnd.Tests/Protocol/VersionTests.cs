namespace OrleansMl.EndToEnd.Tests;

/// <summary>Which version answers: the path's, the header's, the alias's, the highest.</summary>
public sealed class VersionTests : IDisposable
{
    private const string Body = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},{\"name\":\"INPUT1\",\"shape\":[1,16],\"datatype\":\"INT32\",\"data\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}],\"outputs\":[{\"name\":\"OUTPUT0\"}]}";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Path_header_alias_and_default_choose_the_version_and_contradictions_are_refused()
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--models", _folder.At("models"));
        var api = server.Api;
        var second = (await api.PostAsync("/api/v1/models/simple/versions", OnnxFiles.Swapped(), Api.Octets)).Is(201);
        Assert.Equal("2", second["version"]);
        Assert.Equal("2", (await api.PostAsync("/api/v1/models/simple/versions", OnnxFiles.Swapped(), Api.Octets)).Is(200)["version"]);
        (await api.PostAsync("/api/v1/models/simple/versions/2/load", "", null)).Done();

        Assert.Equal("2", await VersionAsync(api, "/v2/models/simple/infer"));
        Assert.Equal("1", await VersionAsync(api, "/v2/models/simple/versions/1/infer"));
        Assert.Equal("1", await VersionAsync(api, "/v2/models/simple/infer", "1"));
        Assert.Equal("2", await VersionAsync(api, "/v2/models/simple/versions/2/infer", "2"));

        (await api.PutAsync("/api/v1/models/simple/aliases/champion", "{\"version\":\"1\",\"expected\":null}")).Done();
        (await api.PutAsync("/api/v1/models/simple/aliases/next", "{\"version\":\"2\",\"expected\":null}")).Done();
        Assert.Equal("1", await VersionAsync(api, "/v2/models/simple/infer"));
        Assert.Equal("2", await VersionAsync(api, "/v2/models/simple/infer", "next"));
        Assert.Equal("2", await VersionAsync(api, "/v2/models/simple/versions/2/infer", "next"));

        Assert.Contains("next", (await InferAsync(api, "/v2/models/simple/versions/1/infer", "next")).Is(400)["error"], StringComparison.Ordinal);
        Assert.Contains("nobody", (await InferAsync(api, "/v2/models/simple/infer", "nobody")).Is(404)["error"], StringComparison.Ordinal);
        Assert.Contains("7", (await InferAsync(api, "/v2/models/simple/versions/7/infer", null)).Is(404)["error"], StringComparison.Ordinal);
        Assert.Contains("one", (await InferAsync(api, "/v2/models/simple/versions/one/infer", null)).Is(400)["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aliases_change_by_compare_and_swap_and_a_version_in_use_is_not_removed()
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--models", _folder.At("models"));
        var api = server.Api;
        (await api.PostAsync("/api/v1/models/simple/versions", OnnxFiles.Swapped(), Api.Octets)).Is(201);
        (await api.PutAsync("/api/v1/models/simple/aliases/champion", "{\"version\":\"1\",\"expected\":null}")).Done();

        var late = (await api.PutAsync("/api/v1/models/simple/aliases/champion", "{\"version\":\"2\",\"expected\":null}")).Is(409);
        Assert.Equal("1", late["current"]);
        (await api.DeleteAsync("/api/v1/models/simple/versions/1")).Is(409);
        var changed = (await api.PutAsync("/api/v1/models/simple/aliases/champion", "{\"version\":\"2\",\"expected\":\"1\"}")).Done();
        Assert.Equal(("2", "1"), (changed["version"], changed["previous"]));
        (await api.PutAsync("/api/v1/models/simple/aliases/champion", "{\"version\":\"3\",\"expected\":\"2\"}")).Is(404);
        Assert.Equal("2", await VersionAsync(api, "/v2/models/simple/infer"));

        var bytes = await api.Client.GetByteArrayAsync(new Uri("/api/v1/models/simple/versions/2/artifact", UriKind.Relative));
        Assert.Equal(OnnxFiles.Swapped(), bytes);
    }

    // The answer itself tells which version it is: version 2 subtracts.
    private static async Task<string> VersionAsync(Api api, string path, string? header = null)
    {
        var answer = (await InferAsync(api, path, header)).Is(200);
        var first = answer.Body.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().First().GetInt32();
        Assert.Equal(first == 1 ? "1" : "2", answer["model_version"]);
        return answer["model_version"]!;
    }

    private static Task<Answer> InferAsync(Api api, string path, string? header) =>
        api.PostAsync(path, Body, Api.Json, header is null ? [] : [("X-Model-Version", header)]);
}
