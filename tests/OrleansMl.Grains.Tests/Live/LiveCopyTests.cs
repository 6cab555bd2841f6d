using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Live;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests;

/// <summary>A copy of a live learner against the learner itself, over updates and whole states, without a cluster.</summary>
public sealed class LiveCopyTests
{
    public static TheoryData<string> Types => [.. LearnerFactory.Kinds.Where(kind => kind.Learns(2) && kind.Name != "head").Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_copy_answers_to_the_bit_as_the_learner_whatever_came_as_updates_and_what_as_a_whole(string type)
    {
        var model = type == "matrix_factorization" ? LiveModels.Compile(type, columns: "u: {type: string}, v: {type: string}") : LiveModels.Compile(type);

        // How many rows come between two looks of the follower, and whether it has lost its copy by then.
        var looks = Gen.Choose(0, 40).SelectMany(rows => Gen.Choose(0, 4).Select(n => (Rows: rows, IsLost: n == 0)));
        Prop.ForAll(looks.ListOf(6).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (steps, seed) =>
        {
            var random = new Random(seed);
            var trainer = LiveModels.Bootstrapped(model, random);
            var feed = new LiveFeed(trainer.Learner!, trainer.Pipeline!, 40);
            LiveCopy? copy = null;
            foreach (var (rows, isLost) in steps)
            {
                for (var i = 0; i < rows; i++)
                    Learn(trainer, feed, LiveModels.Example(model, random));
                copy = Follow(feed, isLost ? null : copy);
                AssertSame(trainer, model, feed, copy, random);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    [Fact]
    public void Who_is_too_far_behind_gets_a_whole_state_and_the_ring_does_not_grow()
    {
        var random = new Random(1);
        var model = LiveModels.Compile("logistic_regression");
        var trainer = LiveModels.Bootstrapped(model, random);
        var feed = new LiveFeed(trainer.Learner!, trainer.Pipeline!, 40);
        var copy = Follow(feed, null);
        for (var i = 0; i < LiveFeed.MaxRows; i++)
            Learn(trainer, feed, LiveModels.Example(model, random));
        Assert.True(feed.Covers(40));
        Learn(trainer, feed, LiveModels.Example(model, random));
        Assert.False(feed.Covers(40));
        Assert.True(feed.Covers(41));
        Assert.Equal(feed.Revision, Follow(feed, copy).Position.Revision);
        Assert.True(feed.After(41).Rows.Length <= LiveFeed.MaxAnswer);
    }

    [Fact]
    public void One_whole_state_serves_many_who_begin()
    {
        var random = new Random(1);
        var model = LiveModels.Compile("factorization_machine");
        var trainer = LiveModels.Bootstrapped(model, random);
        var feed = new LiveFeed(trainer.Learner!, trainer.Pipeline!, 40);
        var first = feed.Whole();
        for (var i = 0; i < 10; i++)
            Learn(trainer, feed, LiveModels.Example(model, random));
        Assert.Equal(first.Position, feed.Whole().Position);
        Assert.Equal((50L, 10), (feed.Whole().Latest, feed.After(first.Position.Revision).Rows.Length / new LiveRow(1, 2).Length));
        Assert.True(feed.Part(41, 0).IsEmpty);
        Assert.True(feed.Part(40, first.StateLength).IsEmpty);
        AssertSame(trainer, model, feed, Follow(feed, null), random);
    }

    [Fact]
    public async Task Who_scores_while_it_learns_gets_the_score_of_some_revision_and_none_between_two()
    {
        var random = new Random(5);
        var model = LiveModels.Compile("factorization_machine");
        var trainer = LiveModels.Bootstrapped(model, random);
        var feed = new LiveFeed(trainer.Learner!, trainer.Pipeline!, 40);
        var copy = Follow(feed, null);
        Scalar[][] vectors = [.. Enumerable.Range(0, 20).Select(_ => LiveModels.Example(model, random).Values.ToArray())];

        // What each revision says of all of them.
        var said = new Dictionary<long, double[]> { [40] = Answers(trainer, model, vectors) };
        for (var i = 0; i < 2000; i++)
        {
            Learn(trainer, feed, LiveModels.Example(model, random));
            said[feed.Revision] = Answers(trainer, model, vectors);
        }

        using var begun = new Barrier(4);
        var seen = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var scores = new double[vectors.Length];
            var revisions = new HashSet<long>();
            begun.SignalAndWait();
            long revision;
            do
            {
                revision = copy.Score(model, vectors, scores);
                Assert.Equal(said[revision], scores);
                revisions.Add(revision);
            }
            while (revision < 2040);
            return revisions.Count;
        })).ToArray();
        begun.SignalAndWait();
        Assert.Same(copy, Follow(feed, copy));
        Assert.All(await Task.WhenAll(seen), n => Assert.True(n >= 1));
    }

    [Fact]
    public void A_state_that_is_cut_off_or_damaged_is_refused()
    {
        var random = new Random(1);
        var trainer = LiveModels.Bootstrapped(LiveModels.Compile("sgd"), random);
        var bytes = LiveState.Write(trainer.Pipeline!.ToJson(), trainer.Learner!.Save());
        for (var length = 0; length < bytes.Length; length += 7)
            Assert.ThrowsAny<Exception>(() => LiveState.Read(bytes.AsSpan(0, length)));
        bytes[^40] ^= 1;
        Assert.Throws<LearnerException>(() => LiveState.Read(bytes));
    }

    private static void Learn(OnlineTrainer trainer, LiveFeed feed, LabeledExample example)
    {
        trainer.Learn(example);
        feed.Add(trainer.Learned, example.Label, 1);
    }

    /// <summary>What a follower does until it is where the learner is.</summary>
    private static LiveCopy Follow(LiveFeed feed, LiveCopy? copy)
    {
        if (copy is null || !feed.Covers(copy.Position.Revision))
        {
            var whole = feed.Whole();
            var bytes = new List<byte>();
            while (bytes.Count < whole.StateLength)
                bytes.AddRange(feed.Part(whole.Position.Revision, bytes.Count).ToArray());
            var (pipeline, learner) = LiveState.Read(bytes.ToArray());
            copy = new LiveCopy(pipeline, learner, whole.Position);
        }

        while (copy.Position.Revision < feed.Revision)
        {
            var updates = feed.After(copy.Position.Revision);
            for (var at = 0; at < updates.Rows.Length; at += copy.RowLength)
                copy.Take(updates.Rows.Span.Slice(at, copy.RowLength));
            Assert.Equal(updates.Position.Revision, copy.Position.Revision);
        }

        return copy;
    }

    private static void AssertSame(OnlineTrainer trainer, CompiledModel model, LiveFeed feed, LiveCopy copy, Random random)
    {
        Scalar[][] vectors = [.. Enumerable.Range(0, 3).Select(_ => LiveModels.Example(model, random).Values.ToArray())];
        var scores = new double[vectors.Length];
        Assert.Equal(feed.Revision, copy.Score(model, vectors, scores));
        Assert.Equal(Answers(trainer, model, vectors), scores);
        var saved = trainer.Learner!.Save();
        Assert.Equal(saved[^32..], copy.Hash());
        feed.Check(saved);
        Assert.Equal(feed.Revision, feed.After(feed.Revision).CheckRevision);
        Assert.Equal(saved[^32..], feed.After(feed.Revision).Check.ToArray());
    }

    private static double[] Answers(OnlineTrainer trainer, CompiledModel model, Scalar[][] vectors)
    {
        var row = new TransformedRow(trainer.Pipeline!);
        return [.. vectors.Select(v => trainer.Learner!.PredictOne(row.Fill(model.ToRow(v))))];
    }
}
