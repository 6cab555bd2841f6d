using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests.Ensembles;

/// <summary>Ensembles of a models folder, on a cluster of its own, which it stops and starts.</summary>
public sealed class EnsembleFolderTests(LoopFixture loop) : IClassFixture<LoopFixture>, IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "oml-ensembles-" + Guid.NewGuid().ToString("n"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_ensemble_has_the_number_of_its_folder_brings_its_models_and_stands_after_a_restart()
    {
        Write("graph/config.pbtxt", Graph("model_name: \"late\" model_version: 1"));
        Directory.CreateDirectory(Path.Combine(_folder, "graph", "3"));
        Write("late/1/model.onnx", Models.Add(1));
        Write("other.onnx", Models.Add(10));
        loop.Get<IOptions<ModelRepositoryOptions>>().Value.Folder = _folder;
        Assert.Equal([3], await LoadAsync());
        Assert.Equal(6f, await InferAsync());
        Assert.Equal([(1, true)], (await loop.Get<IModelRepositoryService>().IndexAsync(default)).Where(e => e.Model == "late").Select(e => (e.Version!.Value, e.IsReady)));

        // Another graph is another version, which wants another number.
        Write("graph/config.pbtxt", Graph("model_name: \"other\""));
        var taken = await loop.Get<IModelRepositoryService>().LoadAsync("graph", RepositoryLoad.Plain, default);
        Assert.Equal((409, "version_taken"), (taken.Error!.Status, taken.Error.Code));
        Assert.Equal(6f, await InferAsync());
        Directory.Move(Path.Combine(_folder, "graph", "3"), Path.Combine(_folder, "graph", "4"));
        Assert.Null(await loop.Get<IModelRepositoryService>().LoadFolderAsync(default));
        Assert.Equal(15f, await InferAsync());

        await loop.RestartAsync();
        Assert.Equal(15f, await InferAsync());
        var served = (await loop.Inference.DescribeAsync("graph", null, default)).Value;
        Assert.Equal((4, "ensemble"), (served.Manifest.Version, served.Config.Message.Platform));

        // Without the folder it is what was stated last.
        Assert.Equal([4], await LoadAsync());
    }

    [Fact]
    public async Task Ensembles_of_a_folder_that_call_each_other_are_refused_and_nothing_is_made()
    {
        Write("left/config.pbtxt", Graph("model_name: \"right\""));
        Write("right/config.pbtxt", Graph("model_name: \"left\""));
        loop.Get<IOptions<ModelRepositoryOptions>>().Value.Folder = _folder;
        var refused = await loop.Get<IModelRepositoryService>().LoadAsync("left", RepositoryLoad.Plain, default);
        Assert.Equal(400, refused.Error!.Status);
        Assert.Contains("(left → right → left)", refused.Error.Detail, StringComparison.Ordinal);
        Assert.All(await loop.Get<IModelRepositoryService>().IndexAsync(default), e => Assert.False(e.Model is "left" or "right" && e.Version is not null));
    }

    private static string Graph(string model) => $$"""
        platform: "ensemble"
        max_batch_size: 8
        input { name: "a" data_type: TYPE_FP32 dims: 1 }
        output { name: "b" data_type: TYPE_FP32 dims: 1 }
        ensemble_scheduling { step { {{model}} input_map { key: "x" value: "a" } output_map { key: "y" value: "b" } } }
        """;

    private void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private async Task<IReadOnlyList<int>> LoadAsync()
    {
        var loaded = await loop.Get<IModelRepositoryService>().LoadAsync("graph", RepositoryLoad.Plain, default);
        Assert.True(loaded.IsSuccess, loaded.Error?.Detail);
        return loaded.Value;
    }

    private async Task<float> InferAsync()
    {
        var input = new Tensor("a", TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>(new[] { 5f }).ToArray());
        var answer = await loop.Inference.InferAsync(new InferRequest("graph", null, [input], []), default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return MemoryMarshal.Read<float>(answer.Value.Outputs[0].Data.Span);
    }
}
