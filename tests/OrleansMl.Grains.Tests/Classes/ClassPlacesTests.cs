using System.Collections.Immutable;
using System.Text;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Models;
using OrleansMl.Serving;
using OrleansMl.Storage.GrainState;

namespace OrleansMl.Grains.Tests.Classes;

public class ClassPlacesTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e", "f", "g"];

    [Fact]
    public void Numbers_go_to_the_classes_of_their_names_whatever_the_order_and_the_others_are_0()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var declared = s_names.Take(random.Next(3, s_names.Length + 1)).ToArray();
            random.Shuffle(declared);
            var trained = declared.ToArray();
            random.Shuffle(trained);
            trained = trained[..random.Next(3, trained.Length + 1)];
            var places = ClassPlaces.Of(Manifest(trained), Model($"type: multiclass, classes: [{string.Join(", ", declared)}]"));
            Assert.Null(places.WhyNot);
            if (places.Count == 0)
            {
                Assert.Equal(declared, trained);
                continue;
            }

            var answered = trained.Select(name => (double)(Array.IndexOf(s_names, name) + 1)).ToArray();
            var placed = new double[declared.Length];
            Array.Fill(placed, -1);
            places.Place(answered, placed);
            Assert.Equal(declared.Select(name => trained.Contains(name) ? Array.IndexOf(s_names, name) + 1.0 : 0), placed);
        }
    }

    [Theory]
    [InlineData("a b c", "type: multiclass, classes: [a, b, x]", "has a, b, x now")]
    [InlineData("a b c", "type: binary, classes: [a, b]", "has a, b now")]
    [InlineData("a b", "type: multiclass, classes: [a, b, c]", "has a, b, c now")]
    [InlineData("a b", "type: binary, classes: [b, a]", "has b, a now")]
    [InlineData("a b", "type: binary", "has 0, 1 now")]
    [InlineData("a b", "type: regression", "is a number now")]
    public void A_version_of_other_classes_answers_nothing_and_says_of_which_it_is(string trained, string target, string words)
    {
        var why = ClassPlaces.Of(Manifest(trained.Split(' ')), Model(target)).WhyNot;
        Assert.StartsWith($"Version 3 of model 'm' was trained for the classes {trained.Replace(" ", ", ", StringComparison.Ordinal)}, and target 'kind' ", why, StringComparison.Ordinal);
        Assert.Contains(words, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "type: multiclass, classes: [a, b, c]")]
    [InlineData("", "type: regression")]
    [InlineData("0 1", "type: binary")]
    [InlineData("a b", "type: binary, classes: [a, b]")]
    public void The_same_classes_and_those_that_are_not_known_stand_where_they_belong(string trained, string target)
    {
        var places = ClassPlaces.Of(Manifest(trained.Split(' ', StringSplitOptions.RemoveEmptyEntries)), Model(target));
        Assert.Equal((null, 0), (places.WhyNot, places.Count));
    }

    [Fact]
    public void A_version_that_was_stored_before_it_named_its_classes_is_read_and_is_of_those_declared()
    {
        const string Stored = """
            {"Versions":[{"Manifest":{"Model":"m","Version":1,"Digest":"d","ArtifactSha256":"s"},"Created":"2026-01-05T12:00:00Z","Wanted":true}],"Aliases":{"champion":1},"Promotions":[],"PlanRevision":5,"LastVersion":1}
            """;
        var manifest = new JsonGrainStateSerializer().Deserialize<ModelState>(Encoding.UTF8.GetBytes(Stored))!.Versions.Single().Manifest;
        Assert.Empty(manifest.Classes);
        Assert.True(ModelChanges.MayBeOfSameClasses(manifest, Manifest(["a", "b", "c"])));
        Assert.False(ModelChanges.MayBeOfSameClasses(Manifest(["b", "a", "c"]), Manifest(["a", "b", "c"])));
    }

    private static VersionManifest Manifest(IEnumerable<string> classes) => new() { Model = "m", Version = 3, ArtifactSha256 = "s", Classes = [.. classes] };

    private static CompiledModel Model(string target)
    {
        var yaml = $"apiVersion: orleansml/v1\nkind: Application\nname: p\nentities: [{{name: e}}]\nmodels: [{{name: m, entity: e, inputs: {{x: {{type: float}}}}, target: {{name: kind, {target}, window: 1h}}}}]\n";
        var application = ApplicationReader.Read(yaml).Definition!;
        return CompiledModel.Compile(new AppliedApplication("p", 1, yaml, DateTime.UnixEpoch, ImmutableDictionary<string, int>.Empty), application, application.Models[0], 1);
    }
}
