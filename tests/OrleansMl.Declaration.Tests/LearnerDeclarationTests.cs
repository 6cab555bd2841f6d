using System.Globalization;
using OrleansMl.Learning;

namespace OrleansMl.Declaration.Tests;

/// <summary>Every learner by name, with every parameter, as an application file gives them.</summary>
public class LearnerDeclarationTests
{
    private const string Params = "params: {learningRate: 0.5, adaptive: true, normalized: false}";

    /// <summary>What the sample's target, of two classes, can be learned by; its columns are no pair of ids.</summary>
    private static IEnumerable<LearnerKind> Kinds { get; } = LearnerFactory.Kinds.Where(kind => kind.Learns(2) && kind.Name != "matrix_factorization");

    public static TheoryData<string> Types => [.. Kinds.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_learner_is_read_by_name_with_each_of_its_parameters(string type)
    {
        foreach (var parameter in LearnerFactory.Find(type)!.Parameters(2))
        {
            var text = parameter.Kind switch
            {
                ParameterKind.Flag => "true",
                ParameterKind.Word => parameter.Words[^1] == "matrix_factorization" ? parameter.Words[0] : parameter.Words[^1],
                _ => (parameter.OpenMax ? parameter.Min + (0.5 * (parameter.Max - parameter.Min)) : parameter.Max).ToString("R", CultureInfo.InvariantCulture),
            };
            var result = Read(type, $"{parameter.Name}: {text}");
            Assert.Empty(result.Faults);
            Assert.Empty(result.Warnings);
            var learner = result.Definition!.Models[0].Learner!;
            Assert.Equal((type, text), (learner.Type, Convert.ToString(learner.Params[parameter.Name], CultureInfo.InvariantCulture)!.Replace("True", "true", StringComparison.Ordinal)));

            // What is read can be made.
            Assert.Equal(type, LearnerFactory.Create(type, learner.Params, new LearnerShape(3, 4, 1, 2), learner.Seed).Type);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_value_that_the_learner_would_refuse_is_a_fault_in_its_place(string type)
    {
        foreach (var parameter in LearnerFactory.Find(type)!.Parameters(2))
        {
            string[] texts = parameter.Kind switch
            {
                ParameterKind.Flag => ["1", "yes"],
                ParameterKind.Word => ["no_such_word", "1"],
                ParameterKind.Integer => [(parameter.Max + 1).ToString("R", CultureInfo.InvariantCulture), (parameter.Min + 0.5).ToString("R", CultureInfo.InvariantCulture), "many"],
                _ => [(2 * parameter.Max).ToString("R", CultureInfo.InvariantCulture), (parameter.Min - 1).ToString("R", CultureInfo.InvariantCulture), ".nan", "many"],
            };
            foreach (var text in texts)
            {
                var fault = Assert.Single(Read(type, $"{parameter.Name}: {text}").Faults);
                Assert.Equal($"models[0].learner.params.{parameter.Name}", fault.Path);
            }
        }

        var unknown = Assert.Single(Read(type, "no_such_parameter: 1").Faults);
        Assert.Equal(("unknown_key", "models[0].learner.params.no_such_parameter"), (unknown.Code, unknown.Path));
    }

    [Fact]
    public void Matrix_factorization_says_which_columns_are_too_many()
    {
        var fault = Assert.Single(Read("matrix_factorization", "factors: 4").Faults);
        Assert.Equal(("conflict", "models[0].learner.type"), (fault.Code, fault.Path));
        Assert.Contains("takes two hashed columns, the user and then the item, and nothing else", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_that_do_not_learn_the_target_are_a_fault()
    {
        var fault = Assert.Single(Read("bagging", "base: linear_regression").Faults);
        Assert.Equal(("conflict", "models[0].learner.params"), (fault.Code, fault.Path));
        Assert.Contains("linear_regression does not learn binary targets", fault.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("factorization_machine", "factors: 8", "factors: 16", "params.factors: 8 → 16")]
    [InlineData("factorization_machine", "l2: 0", "optimizer: sgd", "params.optimizer: adagrad → sgd")]
    [InlineData("bagging", "base: sgd", "base: adam", "params.base: sgd → adam")]
    [InlineData("head", "reservoir: 100", "reservoir: 300", "params.reservoir: 100 → 300")]
    public void A_parameter_that_what_was_learned_hangs_on_ends_it(string type, string old, string changed, string words)
    {
        var change = Assert.Single(ApplicationDiff.Compare(Read(type, old).Definition!, Read(type, changed).Definition!).Incompatible);
        Assert.Equal(("learner", false), (change.Kind, change.KeepsState));
        Assert.Contains(words, change.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type: head", "missing_key", "models[0].learner.type", "needs the key 'of'")]
    [InlineData("type: sgd\n      of: network", "conflict", "models[0].learner.of", "remove it, or change the type")]
    [InlineData("type: sgd\n      version: 2", "conflict", "models[0].learner.version", "remove it, or change the type")]
    [InlineData("type: head\n      of: network\n      version: 0", "out_of_range", "models[0].learner.version", "a whole number from 1")]
    [InlineData("type: head\n      of: \"a b\"", "invalid_name", "models[0].learner.of", "a b")]
    public void A_head_says_whose_network_it_is_of_and_others_do_not(string learner, string code, string path, string words)
    {
        var fault = Assert.Single(Head(learner).Faults);
        Assert.Equal((code, path), (fault.Code, fault.Path));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_is_served_by_its_versions()
    {
        var fault = Assert.Single(ApplicationReader.Read(Samples.Electricity.With("type: logistic_regression", "type: head\n      of: network").With(Params, "params: {}").With("serve: promoted", "serve: live")).Faults);
        Assert.Equal(("conflict", "models[0].learner.serve"), (fault.Code, fault.Path));
    }

    [Theory]
    [InlineData("type: head\n      of: other\n      version: best", "learner's network: network → other")]
    [InlineData("type: head\n      of: network\n      version: 3", "learner's version of the network: best → 3")]
    public void Another_network_ends_what_was_learned(string changed, string words)
    {
        var before = Head("type: head\n      of: network\n      version: best").Definition!;
        Assert.Equal(("network", "best"), (before.Models[0].Learner!.Of, before.Models[0].Learner!.OfVersion));
        Assert.Contains(words, Assert.Single(ApplicationDiff.Compare(before, Head(changed).Definition!).Incompatible).Detail, StringComparison.Ordinal);
    }

    private static ReadResult Head(string learner) => ApplicationReader.Read(Samples.Electricity.With("type: logistic_regression", learner).With(Params, "params: {}"));

    private static ReadResult Read(string type, string parameters)
        => ApplicationReader.Read(Samples.Electricity.With("type: logistic_regression", type == "head" ? "type: head\n      of: network" : $"type: {type}").With(Params, $"params: {{{parameters}}}"));
}
