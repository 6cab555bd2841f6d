using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>What a configuration and a silo's settings say of a version's devices.</summary>
public sealed class DevicePlanTests
{
    private static readonly VersionManifest s_manifest = new GatedArtifacts().Add("m", 1, 1);

    [Fact]
    public void Without_a_word_it_is_the_runtimes_defaults_on_the_CPU()
    {
        var plan = Plan("");
        var group = Assert.Single(plan.Groups);
        Assert.Equal(("cpu", 1, 1), (group.Options.Device, group.Runs, plan.Runs));
        Assert.Equal(OnnxModelOptions.Default with { TensorRt = group.Options.TensorRt, CudaGraphRows = group.Options.CudaGraphRows }, group.Options);
        Assert.Empty(plan.Faults);
    }

    [Theory]
    [InlineData("instance_group { count: 3 kind: KIND_CPU }", "cpu*3")]
    [InlineData("instance_group { kind: KIND_GPU gpus: [ 1 ] }", "cuda:1")]
    [InlineData("instance_group { count: 2 kind: KIND_GPU gpus: [ 0, 2 ] }", "cuda:0 cuda:0 cuda:2 cuda:2")]
    [InlineData("instance_group [ { count: 2 kind: KIND_CPU }, { kind: KIND_GPU gpus: [ 0 ] } ]", "cuda:0 cpu*2")]
    [InlineData("instance_group [ { count: 2 kind: KIND_CPU }, { count: 1 kind: KIND_CPU } ]", "cpu*3")]
    [InlineData("instance_group { gpus: [ 3 ] }", "cuda:3")]
    [InlineData("instance_group { kind: KIND_GPU gpus: [ 1 ] } optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' } } }", "tensorrt:1")]
    [InlineData("instance_group { count: 2 } optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' } } }", "cpu*2")]
    public void Instances_have_sessions_on_their_devices(string text, string expected)
    {
        var plan = Plan(text);
        Assert.Empty(plan.Faults);
        Assert.Equal(expected, string.Join(' ', plan.Groups.Select(g => g.Runs == 1 ? g.Options.Device : $"{g.Options.Device}*{g.Runs}")));
        Assert.Equal(plan.Groups.Sum(g => g.Runs), plan.Runs);
    }

    [Fact]
    public void Where_the_model_names_no_device_the_silo_does()
    {
        var devices = new DeviceOptions { Default = "cuda:1", Fallback = DeviceFallback.Cpu, GpuMemoryLimitBytes = 1 << 30 };
        var options = Assert.Single(Plan("", devices).Groups).Options;
        Assert.Equal(("cuda:1", DeviceFallback.Cpu, 1L << 30), (options.Device, options.Fallback, options.Cuda.MemoryLimitBytes));
        Assert.Equal("tensorrt:1", Plan("optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' } } }", devices).Groups[0].Options.Device);
        Assert.Equal("cpu", Plan("instance_group { kind: KIND_CPU }", devices).Groups[0].Options.Device);
    }

    [Fact]
    public void All_GPUs_are_those_that_the_server_allows()
    {
        var devices = new DeviceOptions { Allowed = { "cpu", "cuda:2", "cuda:0" } };
        Assert.Equal(["cuda:0", "cuda:2"], Plan("instance_group { kind: KIND_GPU }", devices).Groups.Select(g => g.Options.Device));
        Assert.Contains("means cuda:1, which the server does not allow (Serving:Devices:Allowed: cpu, cuda:2, cuda:0)", Assert.Single(Plan("instance_group { kind: KIND_GPU gpus: [ 1 ] }", devices).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_of_memory_is_the_smaller_of_the_models_and_the_servers()
    {
        const string Text = "instance_group { kind: KIND_GPU gpus: [ 0 ] } parameters { key: 'gpu_mem_limit' value: { string_value: '2000000' } }";
        Assert.Equal(2_000_000, Plan(Text).Groups[0].Options.Cuda.MemoryLimitBytes);
        Assert.Equal(1_500_000, Plan(Text, new DeviceOptions { GpuMemoryLimitBytes = 1_500_000 }).Groups[0].Options.Cuda.MemoryLimitBytes);
    }

    [Fact]
    public void Tritons_parameters_reach_the_session()
    {
        var options = Plan("""
            parameters [
              { key: "intra_op_thread_count" value: { string_value: "4" } }, { key: "inter_op_thread_count" value: { string_value: "2" } },
              { key: "execution_mode" value: { string_value: "1" } }, { key: "enable_mem_pattern" value: { string_value: "0" } },
              { key: "memory.enable_memory_arena_shrinkage" value: { string_value: "cpu:0;gpu:0" } },
              { key: "session.intra_op.allow_spinning" value: { string_value: "true" } },
              { key: "session.use_device_allocator_for_initializers" value: { string_value: "1" } },
              { key: "cudnn_conv_algo_search" value: { string_value: "1" } }, { key: "anything of mine" value: { string_value: "x" } } ]
            optimization { graph { level: 1 } input_pinned_memory { enable: false } }
            """).Groups[0].Options;
        Assert.Equal((4, 2, true, true), (options.IntraOpThreads, options.InterOpThreads, options.ParallelBranches, options.SpinningThreads));
        Assert.Equal((true, false, true), (options.MemoryArena, options.MemoryPattern, options.ShrinksArena));
        Assert.Equal((GraphOptimization.Extended, false, true), (options.GraphOptimization, options.Binding.PinnedInputs, options.Binding.PinnedOutputs));
        Assert.Equal("1", options.SessionEntries["session.use_device_allocator_for_initializers"]);
        Assert.Equal(ConvolutionSearch.Heuristic, options.Cuda.ConvolutionSearch);
        Assert.Equal(0, Plan("parameters { key: 'session.intra_op.allow_spinning' value: { string_value: '1' } }").Groups[0].Options.IntraOpThreads);
    }

    [Fact]
    public void Accelerators_have_their_options_and_TensorRT_a_profile_of_the_batch_sizes()
    {
        var options = Plan(
            """
            max_batch_size: 32 dynamic_batching { preferred_batch_size: [ 4, 16 ] }
            instance_group { kind: KIND_GPU gpus: [ 0 ] }
            optimization { execution_accelerators { gpu_execution_accelerator [
              { name: "tensorrt" parameters { key: "precision_mode" value: "FP16" } parameters { key: "max_workspace_size_bytes" value: "1073741824" } parameters { key: "trt_engine_cache_enable" value: "1" } },
              { name: "cuda" parameters { key: "use_tf32" value: "0" } parameters { key: "cudnn_conv_algo_search" value: "DEFAULT" } } ] } }
            """,
            new DeviceOptions { EngineCacheFolder = "/var/engines" }).Groups[0].Options;
        Assert.Equal(("tensorrt:0", true, 1L << 30, true, "/var/engines", "m"), (options.Device, options.TensorRt.Fp16, options.TensorRt.WorkspaceBytes, options.TensorRt.EngineCache, options.TensorRt.CacheFolder, options.TensorRt.CachePrefix));
        Assert.Equal((16, 32), options.TensorRt.ProfileRows);
        Assert.Equal((false, ConvolutionSearch.Default), (options.Cuda.TensorFloat32, options.Cuda.ConvolutionSearch));
    }

    [Theory]
    [InlineData("max_batch_size: 32 dynamic_batching { preferred_batch_size: [ 4, 16 ] } optimization { cuda { graphs: true } }", "1 4 16 32")]
    [InlineData("max_batch_size: 32 optimization { cuda { graphs: true graph_spec [ { batch_size: 8 }, { batch_size: 2 } ] } }", "2 8")]
    [InlineData("optimization { cuda { graphs: true } }", "1")]
    [InlineData("max_batch_size: 32 optimization { cuda { graphs: false } }", "")]
    public void Graphs_are_captured_for_the_sizes_stated_or_those_that_are_warmed(string text, string expected)
    {
        var plan = Plan(text + " instance_group [ { kind: KIND_GPU gpus: [ 0 ] }, { kind: KIND_CPU } ]");
        Assert.Equal(expected, string.Join(' ', plan.Groups[0].Options.CudaGraphRows));
        Assert.Empty(plan.Groups[1].Options.CudaGraphRows);
    }

    [Theory]
    [InlineData("instance_group { name: 'g' kind: KIND_MODEL }", "instance_group 'g' has KIND_MODEL")]
    [InlineData("instance_group { kind: KIND_CPU gpus: [ 0 ] }", "has gpus beside KIND_CPU")]
    [InlineData("instance_group { kind: KIND_GPU gpus: [ -1 ] }", "has gpus: -1")]
    [InlineData("instance_group { kind: KIND_GPU gpus: [ 0, 0 ] }", "names a GPU twice")]
    [InlineData("instance_group { name: 'g' kind: KIND_GPU gpus: [ 0 ] count: 2000000000 }", "instance_group 'g' has count: 2000000000; write 1 to 1024")]
    [InlineData("instance_group { kind: KIND_CPU count: -1 }", "count: -1; write 1 to 1024")]
    [InlineData("instance_group { kind: KIND_GPU gpus: [ 0, 1 ] count: 1000 }", "means 2000 instances in all; write at most 1024")]
    [InlineData("optimization { execution_accelerators { gpu_execution_accelerator { name: 'openvino' } } }", "has the name 'openvino'; write tensorrt or cuda")]
    [InlineData("optimization { execution_accelerators { gpu_execution_accelerator [ { name: 'cuda' }, { name: 'cuda' } ] } }", "'cuda' is given twice")]
    [InlineData("optimization { execution_accelerators { gpu_execution_accelerator { name: 'cuda' parameters { key: 'user_compute_stream' value: '1' } } } }", "parameters of gpu_execution_accelerator 'cuda'[\"user_compute_stream\"] is not supported")]
    [InlineData("optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' parameters { key: 'trt_engine_cache_path' value: '/etc' } } } }", "[\"trt_engine_cache_path\"] is not supported")]
    [InlineData("optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' parameters { key: 'trt_engine_cache_enable' value: '1' } } } }", "Serving:Devices:EngineCacheFolder")]
    [InlineData("optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' parameters { key: 'precision_mode' value: 'FP4' } } } }", "is 'FP4'; write 'FP32', 'FP16', 'BF16', 'INT8'")]
    [InlineData("optimization { graph { level: 3 } }", "optimization.graph.level is 3")]
    [InlineData("max_batch_size: 4 optimization { cuda { graphs: true graph_spec { batch_size: 5 } } }", "batch_size 5; write 1 to 4 (max_batch_size)")]
    [InlineData("max_batch_size: 4 optimization { cuda { graph_spec { batch_size: 4 } } }", "graph_spec is given without graphs")]
    [InlineData("parameters { key: 'intra_op_thread_count' value: { string_value: 'many' } }", "parameters[\"intra_op_thread_count\"] is 'many'; write a whole number from 0 to 1024")]
    [InlineData("parameters { key: 'execution_mode' value: { string_value: '2' } }", "is '2'; write '0', '1'")]
    [InlineData("parameters { key: 'session.load_model_format' value: { string_value: 'ORT' } }", "parameters[\"session.load_model_format\"] is not supported")]
    [InlineData("parameters { key: 'memory.enable_memory_arena_shrinkage' value: { string_value: 'tpu:0' } }", "is 'tpu:0'; write arenas")]
    [InlineData("parameters [ { key: 'memory.enable_memory_arena_shrinkage' value: { string_value: 'cpu:0' } }, { key: 'enable_mem_arena' value: { string_value: '0' } } ]", "leave one of them out")]
    public void What_cannot_be_is_refused_by_field_and_value(string text, string word)
    {
        Assert.Contains(Plan(text).Faults, f => f.Contains(word, StringComparison.Ordinal));
        Assert.Contains(word, ConfigCheck.WhyNot(ModelConfigText.Read(text), s_manifest), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_where_the_silo_refuses()
    {
        var config = ModelConfigText.Read("instance_group { kind: KIND_GPU gpus: [ 9999 ] }");
        Assert.Contains("'cuda:9999' cannot be had", ConfigCheck.WhyNot(config, s_manifest, new DeviceOptions()), StringComparison.Ordinal);
        Assert.Null(ConfigCheck.WhyNot(config, s_manifest, new DeviceOptions { Fallback = DeviceFallback.Cpu }));
        Assert.Null(ConfigCheck.WhyNot(config, s_manifest));
    }

    [Fact]
    public void Other_sessions_are_needed_only_where_they_would_differ()
    {
        var key = Plan("max_batch_size: 8").Key;
        Assert.Equal(key, Plan("").Key);
        Assert.Equal(key, Plan("max_batch_size: 16 instance_group { count: 4 kind: KIND_CPU } parameters { key: 'mine' value: { string_value: '1' } }").Key);
        Assert.NotEqual(key, Plan("parameters { key: 'intra_op_thread_count' value: { string_value: '1' } }").Key);
        Assert.NotEqual(key, Plan("optimization { graph { level: -1 } }").Key);
        const string Gpu = " instance_group { kind: KIND_GPU gpus: [ 0 ] }";
        Assert.NotEqual(key, Plan(Gpu).Key);
        Assert.NotEqual(Plan("max_batch_size: 8" + Gpu).Key, Plan("max_batch_size: 16" + Gpu).Key);
    }

    [Fact]
    public void A_configuration_is_shown_with_the_devices_that_it_came_to()
    {
        var config = ServedConfig.OfStated(s_manifest, ModelConfigText.Read("instance_group { kind: KIND_GPU gpus: [ 0, 1 ] }"));
        var shown = ShownDevices.Of(config, [new SessionPlace("cuda:0", 1, null), new SessionPlace("cuda:0", 1, null), new SessionPlace("cpu", 3, "why")]).Message.InstanceGroup;
        Assert.Equal([("m", 2, ModelInstanceGroup.Types.Kind.Gpu), ("m_1", 3, ModelInstanceGroup.Types.Kind.Cpu)], shown.Select(g => (g.Name, g.Count, g.Kind)));
        Assert.Equal([0], shown[0].Gpus);
        Assert.Same(config, ShownDevices.Of(config, []));
    }

    private static DevicePlan Plan(string text, DeviceOptions? devices = null) => DevicePlan.Of(ServedConfig.OfStated(s_manifest, ModelConfigText.Read(text)), devices ?? new DeviceOptions());
}
