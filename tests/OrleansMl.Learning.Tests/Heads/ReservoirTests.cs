using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Heads;

public sealed class ReservoirTests
{
    [Fact]
    public void Every_row_of_a_stream_is_held_equally_often()
    {
        const int Capacity = 10;
        const int Rows = 60;
        const int Runs = 6000;
        var held = new int[Rows];
        var draw = new SplitMix64(7);
        for (var run = 0; run < Runs; run++)
        {
            var reservoir = new Reservoir(Capacity, 1, 0, balanced: false);
            for (var i = 0; i < Rows; i++)
                reservoir.Offer([i], i, 1, ref draw);
            for (var place = 0; place < reservoir.Count; place++)
                held[(int)reservoir.LabelOf(place)]++;
        }

        // Pearson's statistic over 60 rows; places exclude each other, which lowers it by 1 − k/n. 98 is the 99.9th percentile of 59 degrees.
        const double Expected = (double)Runs * Capacity / Rows;
        var statistic = held.Sum(count => (count - Expected) * (count - Expected) / Expected) / (1 - ((double)Capacity / Rows));
        Assert.InRange(statistic, 20, 98);
    }

    [Fact]
    public void A_reservoir_has_as_many_rows_as_came_up_to_its_capacity()
        => Prop.ForAll<byte, byte, bool>((capacity, rows, balanced) =>
        {
            var (reservoir, _) = Filled(capacity, rows, balanced);
            return reservoir.Count == Math.Min((int)capacity, rows) && (capacity == 0 || reservoir.Seen == rows);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_written_is_read_and_goes_on_alike()
        => Prop.ForAll<byte, byte, bool>((capacity, rows, balanced) =>
        {
            var (reservoir, draw) = Filled(capacity, rows, balanced);
            var copy = new Reservoir(capacity, 2, 3, balanced);
            using var stream = new MemoryStream(Bytes(reservoir));
            using var reader = new BinaryReader(stream);
            copy.Read(reader, 3);
            var other = draw;
            for (var i = 0; i < 40; i++)
            {
                reservoir.Offer([i + 0.1, i], i % 3, 1, ref draw);
                copy.Offer([i + 0.1, i], i % 3, 1, ref other);
            }

            return stream.Position == stream.Length && draw.State == other.State && Bytes(reservoir).SequenceEqual(Bytes(copy));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_rare_class_has_as_many_places_as_its_share_of_a_balanced_reservoir()
    {
        var draw = new SplitMix64(3);
        var reservoir = new Reservoir(30, 1, 3, balanced: true);
        for (var i = 0; i < 3000; i++)
            reservoir.Offer([i], i % 100 == 0 ? 2 : i % 2, 1, ref draw);
        Assert.Equal([10, 10, 10], Enumerable.Range(0, 3).Select(label => Enumerable.Range(0, 30).Count(place => reservoir.LabelOf(place) == label)));
    }

    [Fact]
    public void Rows_of_double_precision_stay_as_they_are()
    {
        var draw = new SplitMix64(1);
        var reservoir = new Reservoir(4, 1, 0, balanced: false);
        reservoir.Offer([0.1], 0.2, 1, ref draw);
        var copy = new Reservoir(4, 1, 0, balanced: false);
        using var reader = new BinaryReader(new MemoryStream(Bytes(reservoir)));
        copy.Read(reader, 0);
        Assert.Equal((0.1, 0.2), (copy[0][0], copy.LabelOf(0)));
    }

    private static (Reservoir Reservoir, SplitMix64 Draw) Filled(int capacity, int rows, bool balanced)
    {
        var draw = new SplitMix64((ulong)((capacity * 1000) + rows));
        var reservoir = new Reservoir(capacity, 2, 3, balanced);
        for (var i = 0; i < rows; i++)
            reservoir.Offer([i, -i], i % 7 == 0 ? 2 : i % 2, 1 + (i % 2), ref draw);
        return (reservoir, draw);
    }

    private static byte[] Bytes(Reservoir reservoir)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        reservoir.Write(writer);
        return stream.ToArray();
    }
}
