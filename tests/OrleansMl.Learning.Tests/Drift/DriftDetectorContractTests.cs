using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Drift;

/// <summary>What every detector promises.</summary>
public sealed class DriftDetectorContractTests
{
    private static readonly double[] _reference = [.. Enumerable.Range(0, 400).Select(i => i % 5 == 0 ? 1.0 : 0)];

    private static readonly Dictionary<string, Func<IDriftDetector>> _detectors = DriftDetectors.Types.ToDictionary(type => type, type => (Func<IDriftDetector>)(() => DriftDetectors.Create(type)))
        .Concat(Enum.GetValues<DriftStatisticKind>().ToDictionary(kind => $"chunk:{kind}", kind => (Func<IDriftDetector>)(() => new ChunkDriftDetector(new DriftStatistic(kind, _reference), DriftThreshold.Fixed(kind == DriftStatisticKind.ChiSquare ? 15 : 0.25), 100))))
        .Append(new("chunk:p", () => new ChunkDriftDetector(new DriftStatistic(DriftStatisticKind.ChiSquare, _reference), DriftThreshold.PValue(0.001), 50, persistence: 2)))
        .ToDictionary();

    public static TheoryData<string> Names => [.. _detectors.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_restored_detector_goes_on_bit_for_bit(string name)
        => ForAll(name, (make, stream) =>
        {
            var detector = make();
            foreach (var value in stream.Take(stream.Length / 2))
                detector.Update(value);
            var restored = DriftDetectors.Restore(detector.Save());
            Assert.Equal(detector.Save(), restored.Save());
            foreach (var value in stream.Skip(stream.Length / 2))
            {
                detector.Update(value);
                restored.Update(value);
                Assert.Equal((detector.InDrift, detector.InWarning, detector.Count), (restored.InDrift, restored.InWarning, restored.Count));
            }

            Assert.Equal(detector.Save(), restored.Save());
            Assert.Equal(detector.Type, restored.Type);
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void An_alarm_starts_a_fresh_detector_and_excludes_a_warning(string name)
        => ForAll(name, (make, stream) =>
        {
            var detector = make();
            var before = false;
            foreach (var value in stream)
            {
                detector.Update(value);
                if (before)
                    Assert.Equal(1, detector.Count);
                Assert.False(detector.InDrift && detector.InWarning);
                before = detector.InDrift;
            }
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void A_reset_detector_has_seen_nothing(string name)
    {
        var detector = _detectors[name]();
        foreach (var value in Changing(1))
            detector.Update(value);
        detector.Reset();
        Assert.Equal((0L, false, false), (detector.Count, detector.InDrift, detector.InWarning));
        Assert.Equal(_detectors[name]().Save().Length, detector.Save().Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_rise_of_the_error_is_found(string name)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var detector = _detectors[name]();
            var found = -1;
            var stream = Changing(seed);
            for (var i = 0; i < stream.Length && found < 0; i++)
            {
                detector.Update(stream[i]);
                if (detector.InDrift && i >= 2000)
                    found = i;
            }

            Assert.InRange(found, 2000, 2700);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Constant_values_are_no_drift_unless_the_reference_says_otherwise(string name)
    {
        if (name.StartsWith("chunk", StringComparison.Ordinal))
            return;
        var detector = _detectors[name]();
        for (var i = 0; i < 3000; i++)
        {
            detector.Update(0);
            Assert.False(detector.InDrift);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_no_number_is_refused_and_changes_nothing(string name)
    {
        var detector = _detectors[name]();
        var before = detector.Save();
        foreach (var value in new[] { double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => detector.Update(value));
        Assert.Equal(before, detector.Save());
    }

    [Fact]
    public void Other_bytes_and_unknown_types_are_refused()
    {
        var state = new DdmDetector().Save();
        state[^1] ^= 1;
        Assert.Throws<LearnerException>(() => DriftDetectors.Restore(state));
        Assert.Throws<LearnerException>(() => DriftDetectors.Restore(new NoChangeBaseline().Save()));
        Assert.Contains("adwin", Assert.Throws<LearnerException>(() => DriftDetectors.Create("adwim")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DdmDetector().Update(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdwinDetector(delta: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EddmDetector(alpha: 0.5, beta: 0.6));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KswinDetector(window: 30, recent: 20));
    }

    /// <summary>Errors at 0.2, from 2,000 on at 0.8.</summary>
    private static double[] Changing(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 3000).Select(i => random.NextDouble() < (i < 2000 ? 0.2 : 0.8) ? 1.0 : 0)];
    }

    private static void ForAll(string name, Action<Func<IDriftDetector>, double[]> check)
    {
        var streams = from seed in Gen.Choose(0, 10_000)
                      from length in Gen.Choose(2, 800)
                      from change in Gen.Choose(0, 800)
                      let random = new Random(seed)
                      select Enumerable.Range(0, length).Select(i => random.NextDouble() < (i < change ? 0.1 : 0.7) ? 1.0 : 0).ToArray();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(25).WithReplay(9, 21), Prop.ForAll(streams.ToArbitrary(), stream => check(_detectors[name], stream)));
    }
}
