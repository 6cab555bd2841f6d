namespace OrleansMl.Learning.Tests.Learners;

public sealed class LearnerFactoryTests
{
    public static TheoryData<string, int, string> Parameters
    {
        get
        {
            var cases = new TheoryData<string, int, string>();
            foreach (var kind in LearnerFactory.Kinds)
            {
                foreach (var classes in new[] { 0, 2, 3 }.Where(kind.Learns))
                {
                    // Of bagging its own three: the others are those of its members.
                    foreach (var parameter in kind.Parameters(classes).Take(kind.Name == "bagging" ? 3 : int.MaxValue))
                        cases.Add(kind.Name, classes, parameter.Name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_parameter_takes_what_it_says_and_nothing_else(string type, int classes, string name)
    {
        var kind = LearnerFactory.Find(type)!;
        var parameter = kind.Parameters(classes).Single(one => one.Name == name);
        var shape = type == "matrix_factorization" ? new LearnerShape(0, 4, 2, classes) : new LearnerShape(2, 4, 1, classes);
        object[] good = parameter.Kind switch
        {
            ParameterKind.Flag => [true, false],
            ParameterKind.Word => name == "base" ? ["sgd"] : [.. parameter.Words],
            _ => [.. new[] { parameter.OpenMin ? parameter.Min + 1e-6 : parameter.Min, parameter.OpenMax ? parameter.Max - 1e-6 : Math.Min(parameter.Max, 1000) }.Select(number => (object)number)],
        };
        object[] bad = parameter.Kind switch
        {
            ParameterKind.Flag => [1.0, "true"],
            ParameterKind.Word => ["no such word", 1.0, true],
            ParameterKind.Integer => [parameter.Min - 1, parameter.Max + 1, parameter.Min + 0.5, double.NaN, "1", true],
            _ => [parameter.OpenMin ? parameter.Min : parameter.Min - 1, parameter.OpenMax ? parameter.Max : (parameter.Max * 2) + 1, double.NaN, double.PositiveInfinity, "1", true],
        };
        foreach (var value in good.Where(_ => name != "base" || classes != 3))
            Assert.Equal(type, LearnerFactory.Create(type, new Dictionary<string, object> { [name] = value }.WithBase(type, classes, name), shape, 1).Type);
        foreach (var value in bad)
        {
            var refusal = Assert.Throws<LearnerException>(() => LearnerFactory.Create(type, new Dictionary<string, object> { [name] = value }.WithBase(type, classes, name), shape, 1));
            Assert.Contains($"Parameter '{name}' of {type} is ", refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"it must be {parameter.Admitted}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("linear_regression", 2, "linear_regression does not learn 2 classes; these do: logistic_regression, sgd, ")]
    [InlineData("naive_bayes", 0, "naive_bayes does not learn values; these do: linear_regression, sgd, ")]
    [InlineData("ftrl", 5, "ftrl does not learn 5 classes; these do: softmax, naive_bayes, hoeffding_tree, bagging, head.")]
    public void A_target_that_a_type_does_not_learn_is_refused_with_those_that_do(string type, int classes, string message)
        => Assert.Contains(message, Assert.Throws<LearnerException>(() => LearnerFactory.Create(type, null, new LearnerShape(1, 0, 0, classes), 1)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 4, 2)]
    [InlineData(0, 4, 3)]
    [InlineData(0, 0, 0)]
    public void Matrix_factorization_refuses_columns_that_are_not_user_and_item(int dense, int bits, int hashed)
        => Assert.Contains(
            "takes two hashed columns, the user and then the item, and nothing else",
            Assert.Throws<LearnerException>(() => LearnerFactory.Create("matrix_factorization", null, new LearnerShape(dense, bits, hashed, 2), 1)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(-1, 0, 0, 2)]
    [InlineData(1, 25, 1, 2)]
    [InlineData(1, 0, 1, 2)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 0, 0, 1001)]
    public void A_shape_that_cannot_be_is_refused(int dense, int bits, int hashed, int classes)
        => Assert.Throws<LearnerException>(() => LearnerFactory.Create("softmax", null, new LearnerShape(dense, bits, hashed, classes), 1));

    [Theory]
    [InlineData("sgd", "learningRate")]
    [InlineData("logistic_regression", "learningRate")]
    [InlineData("bagging", "learningRate")]
    public void A_learner_that_is_brought_back_goes_on_under_new_parameters(string type, string name)
    {
        Dictionary<string, object> slow = new() { [name] = 0.001 }, fast = new() { [name] = 0.5 };
        if (type == "bagging")
            slow["base"] = fast["base"] = "sgd";
        double[] x = [1, 2];
        var learner = LearnerFactory.Create(type, slow, new LearnerShape(2, 0, 0, 2), 1);
        learner.LearnOne(x, 1);
        var (same, faster) = (LearnerFactory.Restore(learner.Save(), slow), LearnerFactory.Restore(learner.Save(), fast));
        Assert.Equal(learner.Save(), same.Save());
        Assert.Equal(learner.PredictOne(x), faster.PredictOne(x));
        for (var i = 0; i < 5; i++)
        {
            same.LearnOne(x, 1);
            faster.LearnOne(x, 1);
        }

        Assert.True(faster.PredictOne(x) > same.PredictOne(x) + 0.1, $"{faster.PredictOne(x)}, {same.PredictOne(x)}");
    }

    [Fact]
    public void What_was_learned_is_not_brought_back_under_another_structure()
    {
        var state = LearnerFactory.Create("factorization_machine", new Dictionary<string, object> { ["factors"] = 4.0 }, new LearnerShape(2, 0, 0, 2), 1).Save();
        var refusal = Assert.Throws<LearnerException>(() => LearnerFactory.Restore(state, new Dictionary<string, object>()));
        Assert.Contains("factors 4, not 8: reset it", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_unique_and_every_parameter_says_what_it_does()
    {
        Assert.Equal(LearnerFactory.Types.Count, LearnerFactory.Types.Distinct().Count());
        Assert.All(LearnerFactory.Kinds, kind => Assert.NotEmpty(kind.About));
        Assert.All(LearnerFactory.Kinds.SelectMany(kind => kind.Parameters(kind.Learns(2) ? 2 : 0)), parameter => Assert.NotEmpty(parameter.About));
    }
}

file static class ParametersExtensions
{
    /// <summary>Members of bagging that learn a value.</summary>
    public static Dictionary<string, object> WithBase(this Dictionary<string, object> parameters, string type, int classes, string name)
    {
        if (type == "bagging" && classes == 0 && name != "base")
            parameters["base"] = "sgd";
        return parameters;
    }
}
