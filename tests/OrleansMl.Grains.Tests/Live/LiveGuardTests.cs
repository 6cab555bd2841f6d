using System.Collections.Immutable;
using OrleansMl.Learning;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests;

/// <summary>What keeps a live learner from answering worse than the version it was last cut into; without a cluster.</summary>
public sealed class LiveGuardTests
{
    [Fact]
    public void A_learner_that_becomes_worse_than_its_base_goes_back_to_it()
    {
        var random = new Random(2);
        var model = LiveModels.Compile("sgd", "{learningRate: 0.5}");
        var trainer = LiveModels.Bootstrapped(model, random);
        Learn(trainer, model, random, 300);
        trainer.MarkChampion(2);
        var stood = trainer.Learner!.Save();
        Assert.Equal(TrainerStep.None, trainer.Next());

        // Labels at random, and large steps: it unlearns.
        var after = 0;
        while (trainer.Next() != TrainerStep.PutBack)
        {
            Assert.True(after++ < LearnerGuard.Window, "It was never found worse.");
            trainer.Learn(LiveModels.Example(model, random, after % 3 == 0 ? random.Next(2) : null) with { Organic = false });
            trainer.Learn(LiveModels.Example(model, [Scalar.Of(after % 2 == 0 ? 1.0 : -1.0), Scalar.Of("x"), Scalar.Of("y")], after % 2 == 0 ? 0 : 1) with { Organic = true });
        }

        Assert.Contains("log_loss", trainer.Harm, StringComparison.Ordinal);
        trainer.PutBack();
        Assert.Equal(stood, trainer.Learner!.Save());
        Assert.Equal(TrainerStep.None, trainer.Next());
    }

    [Fact]
    public void A_stable_learner_is_left_alone()
    {
        var random = new Random(3);
        var model = LiveModels.Compile("logistic_regression");
        var trainer = LiveModels.Bootstrapped(model, random);
        for (var i = 0; i < 3000; i++)
        {
            trainer.Learn(LiveModels.Example(model, random));
            Assert.Equal(TrainerStep.None, trainer.Next());
        }
    }

    [Fact]
    public void What_answers_no_number_after_an_update_goes_back_before_the_next_outcome()
    {
        var random = new Random(4);
        var model = LiveModels.Compile("factorization_machine", "{optimizer: sgd, learningRate: 100, clipGradient: 1e12}", target: "regression");
        var trainer = LiveModels.Bootstrapped(LiveModels.Compile("factorization_machine", "{optimizer: sgd, learningRate: 0.001}", target: "regression"), random);
        var state = new TrainerState();
        trainer.Save(state);

        // The same learner under a rate that makes it explode.
        var exploding = new OnlineTrainer(model, state);
        Assert.Equal(1, exploding.BaseVersion);
        Assert.True(exploding.HasBase);
        var stood = exploding.Learner!.Snapshot();
        for (var i = 0; exploding.Next() != TrainerStep.PutBack; i++)
        {
            Assert.True(i < 500, "It never exploded.");
            try
            {
                exploding.Learn(LiveModels.Example(model, random));
            }
            catch (Exception exception) when (exception is LearnerException or ArgumentOutOfRangeException)
            {
                // The row is innocent: the base takes it.
                Assert.True(exploding.IsSound(LiveModels.Example(model, random)));
                break;
            }
        }

        exploding.PutBack();
        var row = new TransformedRow(exploding.Pipeline!);
        for (var i = 0; i < 20; i++)
        {
            var x = row.Fill(model.ToRow(LiveModels.Example(model, random).Values));
            Assert.Equal(stood.PredictOne(x), exploding.Learner!.PredictOne(x), 12);
        }
    }

    [Fact]
    public void A_vector_holds_no_number_that_is_none()
    {
        foreach (var number in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => Scalar.Of(number));
    }

    public static TheoryData<double, double> Poison => new()
    {
        { 1e300, 1 }, { -1e200, 0 }, { double.MaxValue, 1 }, { double.Epsilon, 0 }, { 1e99, 1 },
        { 0.5, double.NaN }, { 0.5, double.PositiveInfinity }, { 0.5, 0.5 }, { 0.5, -1 }, { 0.5, 1e300 },
    };

    [Theory]
    [MemberData(nameof(Poison))]
    public void No_feature_and_no_label_poisons_a_learner_of_any_type(double feature, double label)
    {
        foreach (var kind in LearnerFactory.Kinds.Where(kind => kind.Learns(2) && kind.Name is not ("matrix_factorization" or "head")))
        {
            var random = new Random(5);
            var model = LiveModels.Compile(kind.Name);
            var trainer = LiveModels.Bootstrapped(model, random);
            var before = trainer.Learner!.Save();
            ImmutableArray<Scalar> values = [Scalar.Of(feature), Scalar.Of("k1"), Scalar.Of("k2")];
            try
            {
                trainer.Learn(LiveModels.Example(model, values, label));
            }
            catch (Exception exception) when (exception is LearnerException or ArgumentOutOfRangeException)
            {
                Assert.False(trainer.IsSound(LiveModels.Example(model, values, label)), $"{kind.Name}: {exception.Message}");
                Assert.Equal(before, trainer.Learner!.Save());
            }

            Assert.True(double.IsFinite(Answer(trainer, model, random)), kind.Name);
            Assert.NotEqual(TrainerStep.PutBack, trainer.Next());
            Learn(trainer, model, random, 5);
            Assert.True(double.IsFinite(Answer(trainer, model, random)), kind.Name);
        }
    }

    [Fact]
    public void Every_so_many_updates_a_snapshot_is_due_and_the_count_outlives_a_restart()
    {
        var random = new Random(6);
        var model = LiveModels.Compile("logistic_regression", snapshotEvery: 30);
        var trainer = LiveModels.Bootstrapped(model, random);
        Learn(trainer, model, random, 20);
        Assert.Equal(TrainerStep.None, trainer.Next());
        var state = new TrainerState();
        trainer.Save(state);
        var again = new OnlineTrainer(model, state);
        Learn(again, model, random, 9);
        Assert.Equal(TrainerStep.None, again.Next());
        Learn(again, model, random, 1);
        Assert.Equal(TrainerStep.Snapshot, again.Next());
        again.PassSnapshot();
        Assert.Equal((TrainerStep.None, 1), (again.Next(), again.BaseVersion));
    }

    [Fact]
    public void The_base_is_kept_when_another_version_is_champion_by_hand()
    {
        var random = new Random(7);
        var model = LiveModels.Compile("logistic_regression");
        var trainer = LiveModels.Bootstrapped(model, random);
        var stood = trainer.Learner!.Save();
        Learn(trainer, model, random, 50);
        trainer.FollowChampion(9);
        var state = new TrainerState();
        trainer.Save(state);
        Assert.Null(state.Champion);
        var again = new OnlineTrainer(model, state);
        Assert.Equal((9, 1), (again.ChampionVersion, again.BaseVersion));
        again.PutBack();
        Assert.Equal(stood, again.Learner!.Save());
    }

    private static void Learn(OnlineTrainer trainer, Catalog.CompiledModel model, Random random, int rows)
    {
        for (var i = 0; i < rows; i++)
            trainer.Learn(LiveModels.Example(model, random));
    }

    private static double Answer(OnlineTrainer trainer, Catalog.CompiledModel model, Random random) =>
        trainer.Learner!.PredictOne(new TransformedRow(trainer.Pipeline!).Fill(model.ToRow(LiveModels.Example(model, random).Values)));
}
