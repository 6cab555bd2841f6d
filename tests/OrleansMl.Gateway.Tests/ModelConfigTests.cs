using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;

namespace OrleansMl.Gateway.Tests;

/// <summary>Reading config.pbtxt.</summary>
public class ModelConfigTests
{
    [Fact]
    public void A_configuration_is_read_in_all_the_forms_of_the_format()
    {
        var config = ModelConfigText.Read("""
            # a comment
            name: "si" 'mple'   platform: 'onnxruntime_onnx';
            max_batch_size: 0x10
            input [ { name: "A" data_type: TYPE_FP32 dims: [ 3, -1 ] }, { name: "B", data_type: 8, dims: 2 dims: 4 } ]
            output { name: "C" data_type: TYPE_STRING dims: [] }
            version_policy: { specific: { versions: [1, 3] } }
            dynamic_batching < preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 100 preserve_ordering: true
              priority_queue_policy { key: 1 value { timeout_action: DELAY max_queue_size: 5 } } >
            parameters [ { key: "k" value: { string_value: "a\tb\x41\101\"" } } ]
            instance_group [ { count: 2 kind: KIND_CPU } ]
            """);

        Assert.Equal(("simple", "onnxruntime_onnx", 16), (config.Name, config.Platform, config.MaxBatchSize));
        Assert.Equal([3, -1], config.Input[0].Dims);
        Assert.Equal((DataType.TypeInt32, 2L, 4L), (config.Input[1].DataType, config.Input[1].Dims[0], config.Input[1].Dims[1]));
        Assert.Equal(DataType.TypeString, config.Output[0].DataType);
        Assert.Equal([1, 3], config.VersionPolicy.Specific.Versions);
        Assert.Equal((4, 100UL, true), (config.DynamicBatching.PreferredBatchSize[0], config.DynamicBatching.MaxQueueDelayMicroseconds, config.DynamicBatching.PreserveOrdering));
        Assert.Equal((ModelQueuePolicy.Types.TimeoutAction.Delay, 5U), (config.DynamicBatching.PriorityQueuePolicy[1].TimeoutAction, config.DynamicBatching.PriorityQueuePolicy[1].MaxQueueSize));
        Assert.Equal("a\tbAA\"", config.Parameters["k"].StringValue);
        Assert.Equal(ModelInstanceGroup.Types.Kind.Cpu, config.InstanceGroup[0].Kind);
        Assert.Equal(config, ModelConfigJson.Read(ModelConfigJson.Format(config)));
    }

    [Theory]
    [InlineData("name: \"a\"\nensembling { step { } }", 2, 1, "'ensembling'")]
    [InlineData("optimization {\n  priority: PRIORITY_MAX }", 2, 3, "'optimization.priority'")]
    [InlineData("optimization { cuda { graphs: true\n busy_wait_events: true } }", 2, 2, "'optimization.cuda.busy_wait_events'")]
    [InlineData("optimization { execution_accelerators { cpu_execution_accelerator { name: 'openvino' } } }", 1, 41, "'optimization.execution_accelerators.cpu_execution_accelerator'")]
    [InlineData("input [\n  { name: \"A\"\n    reshape: { shape: [] } }\n]", 3, 5, "'input.reshape'")]
    [InlineData("max_batch_size: \"8\"", 1, 17, "max_batch_size")]
    [InlineData("max_batch_size: 4294967296", 1, 17, "max_batch_size")]
    [InlineData("max_batch_size: 1.5", 1, 17, "whole number")]
    [InlineData("max_batch_size 8", 1, 16, "':'")]
    [InlineData("max_batch_size: 1 max_batch_size: 2", 1, 19, "twice")]
    [InlineData("dynamic_batching {}\nsequence_batching {}", 2, 1, "one of")]
    [InlineData("dynamic_batching {}\nensemble_scheduling {}", 2, 1, "one of")]
    [InlineData("ensemble_scheduling { step {\nmodel_namespace: \"a\" } }", 2, 1, "'ensemble_scheduling.step.model_namespace'")]
    [InlineData("ensemble_scheduling { step { vote {} average {} } }", 1, 38, "one of")]
    [InlineData("name: \"a", 1, 7, "does not end")]
    [InlineData("name: a", 1, 7, "quotes")]
    [InlineData("input { data_type: TYPE_WRONG }", 1, 20, "TYPE_INT32")]
    [InlineData("input { name: \"a\"", 1, 18, "the end of the text")]
    [InlineData("input [ { name: \"a\" }", 1, 22, "']'")]
    [InlineData("name: \"\\q\"", 1, 9, "escape")]
    [InlineData("parameters { key: \"a\" }", 1, 12, "value")]
    [InlineData("name: \"a\" @", 1, 11, "U+0040")]
    [InlineData("version_policy { latest { num_versions: -1 } }", 1, 41, "from 0 on")]
    public void A_fault_names_the_field_its_line_and_its_column(string text, int line, int column, string word)
    {
        var fault = Assert.Throws<ModelConfigException>(() => ModelConfigText.Read(text));
        Assert.Equal((line, column), (fault.Line, fault.Column));
        Assert.Contains(word, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ensemble_is_read_with_its_steps_and_written_as_clients_read_it()
    {
        var config = ModelConfigText.Read("""
            platform: "ensemble"
            ensemble_scheduling {
              step [
                { model_name: "m" model_version: -1 input_map { key: "x" value: "a" } output_map: { key: "y", value: "b" } },
                { average { input: [ "b", "c" ] output: "d" weight: [ 0.75, .25 ] } },
                { switch { input: "k" case { value: "1" value: "2" model_name: "n" } default: { model_name: "o" model_version: 3 } } }
              ]
            }
            """);
        var steps = config.EnsembleScheduling.Step;
        Assert.Equal(("m", -1L, "a", "b"), (steps[0].ModelName, steps[0].ModelVersion, steps[0].InputMap["x"], steps[0].OutputMap["y"]));
        Assert.Equal([0.75, 0.25], steps[1].Average.Weight);
        Assert.Equal(["1", "2"], steps[2].Switch.Case.Single().Value);
        Assert.Equal(3, steps[2].Switch.Default.ModelVersion);
        Assert.Equal(config, ModelConfigJson.Read(ModelConfigJson.Format(config)));
        using var buffer = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer))
            ModelConfigJson.Write(writer, config.EnsembleScheduling);
        Assert.StartsWith("""{"step":[{"model_name":"m","model_version":-1,"input_map":{"x":"a"},"output_map":{"y":"b"}},{"model_name":"",""", System.Text.Encoding.UTF8.GetString(buffer.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_that_are_not_supported_are_passed_over_when_asked_for_and_named()
    {
        var ignored = new List<string>();
        var config = ModelConfigText.Read("optimization { graph { level: 1 } eager_batching: true }\nname: \"a\" model_warmup [ { name: 'x' }, { name: 'y' } ]\noutput { is_shape_tensor: \"l\" \"m\" name: \"o\" } unknown: -3 last: TYPE max_batch_size: 2", ignored);
        Assert.Equal(("a", "o", 2), (config.Name, config.Output[0].Name, config.MaxBatchSize));
        Assert.Equal(["'optimization.eager_batching' (line 1)", "'model_warmup' (line 2)", "'output.is_shape_tensor' (line 3)", "'unknown' (line 3)", "'last' (line 3)"], ignored);
    }

    [Fact]
    public void Nesting_and_garbage_never_crash_the_reader()
    {
        var random = new Random(5);
        const string Alphabet = "{}[]<>:,;-#\"'\\ \n0123xaeinput_name dims dynamic_batching";
        for (var i = 0; i < 3000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var exception = Record.Exception(() => ModelConfigText.Read(text, i % 2 == 0 ? null : []));
            Assert.True(exception is null or ModelConfigException, $"{text}: {exception}");
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("[]")]
    [InlineData("{\"max_batch_size\":\"many\"}")]
    [InlineData("{\"optimization\":{\"eager_batching\":true}}")]
    [InlineData("{\"input\":[{\"data_type\":\"TYPE_WRONG\"}]}")]
    public void JSON_that_is_no_configuration_is_refused(string json) => Assert.Throws<ModelConfigException>(() => ModelConfigJson.Read(json));
}
