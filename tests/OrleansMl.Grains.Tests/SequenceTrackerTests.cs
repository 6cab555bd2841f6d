using System.Runtime.InteropServices;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>Open sequences, and the control inputs that tell a model about them.</summary>
public class SequenceTrackerTests
{
    private static readonly ModelSequenceBatching Batching = ModelConfigText.Read("""
        sequence_batching {
          max_sequence_idle_microseconds: 5000000
          control_input [
            { name: "START" control [ { kind: CONTROL_SEQUENCE_START int32_false_true: [ 10, 20 ] } ] },
            { name: "END" control [ { kind: CONTROL_SEQUENCE_END bool_false_true: [ false, true ] } ] },
            { name: "READY" control [ { kind: CONTROL_SEQUENCE_READY fp32_false_true: [ 0, 1 ] } ] },
            { name: "CORRID" control [ { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_UINT32 } ] } ]
        }
        """).SequenceBatching;

    private static readonly VersionManifest Manifest = new()
    {
        Model = "m",
        ArtifactSha256 = "",
        Inputs = [new("INPUT", "FP32", [-1, 1]), new("START", "INT32", [-1, 1]), new("END", "BOOL", [-1, 1]), new("READY", "FP32", [-1, 1]), new("CORRID", "UINT32", [-1, 1])],
    };

    private readonly Clock _clock = new();
    private readonly SequenceTracker _tracker;

    public SequenceTrackerTests() => _tracker = new SequenceTracker(_clock);

    [Fact]
    public void Control_inputs_say_start_end_ready_and_id_for_every_row()
    {
        var inputs = Enter(7, start: true, end: true, rows: 2).Value.Inputs;

        Assert.Equal(["INPUT", "START", "END", "READY", "CORRID"], inputs.Select(i => i.Name));
        Assert.All(inputs, i => Assert.Equal([2, 1], i.Shape.ToArray()));
        Assert.Equal([20, 20], MemoryMarshal.Cast<byte, int>(inputs[1].Data.Span).ToArray());
        Assert.Equal([1, 1], inputs[2].Data.ToArray());
        Assert.Equal([1f, 1f], MemoryMarshal.Cast<byte, float>(inputs[3].Data.Span).ToArray());
        Assert.Equal([7u, 7u], MemoryMarshal.Cast<byte, uint>(inputs[4].Data.Span).ToArray());
    }

    [Fact]
    public void A_sequence_is_open_from_its_start_to_its_end()
    {
        Assert.Contains("START", Enter(1).Error!.Detail, StringComparison.Ordinal);
        Assert.True(Enter(1, start: true).IsSuccess);
        Assert.True(Enter(1).IsSuccess);
        Assert.Equal(400, Enter(2).Error!.Status);
        Assert.True(Enter(1, end: true).IsSuccess);
        Assert.Equal(400, Enter(1).Error!.Status);
    }

    [Fact]
    public void A_sequence_that_is_idle_for_too_long_is_over()
    {
        Enter(1, start: true);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(Enter(1).IsSuccess);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(Enter(1).IsSuccess);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Contains("idle", Enter(1).Error!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_sequences_are_bounded_and_idle_ones_make_room()
    {
        for (ulong id = 1; id <= SequenceTracker.MaxSequences; id++)
            Assert.True(Enter(id, start: true).IsSuccess);
        Assert.Equal((503, "queue_full"), (Enter(99_999, start: true).Error!.Status, Enter(99_999, start: true).Error!.Code));
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(Enter(99_999, start: true).IsSuccess);
    }

    [Fact]
    public void An_id_that_does_not_fit_the_model_and_a_request_without_one_are_refused()
    {
        Assert.Contains("sequence_id", _tracker.Enter("m", Batching, InferParameters.None, [], 1, Manifest).Error!.Detail, StringComparison.Ordinal);
        Assert.Contains("CORRID", Enter(1UL << 40, start: true).Error!.Detail, StringComparison.Ordinal);
        var text = new InferParameters { Sequence = new SequenceId(0, "text"), SequenceStart = true };
        Assert.Contains("CORRID", _tracker.Enter("m", Batching, text, [], 1, Manifest).Error!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int32_false_true: [ 0, 1 ] fp32_false_true: [ 0, 1 ]", "exactly one")]
    [InlineData("int32_false_true: [ 0 ]", "two values")]
    [InlineData("fp32_false_true: [ 0, 1 ]", "TYPE_FP32")]
    public void A_control_that_the_graph_does_not_take_is_refused(string values, string word)
    {
        var config = ModelConfigText.Read($"sequence_batching {{ control_input {{ name: \"START\" control {{ kind: CONTROL_SEQUENCE_START {values} }} }} }}");
        Assert.Contains(word, ConfigCheck.WhyNot(config, Manifest), StringComparison.Ordinal);
        Assert.Contains("OTHER", ConfigCheck.WhyNot(ModelConfigText.Read("sequence_batching { control_input { name: 'OTHER' } }"), Manifest), StringComparison.Ordinal);
    }

    private OmlResult<SequenceTurn> Enter(ulong id, bool start = false, bool end = false, int rows = 1) => _tracker.Enter("m", Batching,
        new InferParameters { Sequence = new SequenceId(id, null), SequenceStart = start, SequenceEnd = end }, [new Tensor("INPUT", TensorType.Fp32, new long[] { rows, 1 }, new byte[4 * rows])], rows, Manifest);

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
