using OrleansMl.Learning;

namespace OrleansMl.Declaration.Tests;

/// <summary>The reference document says what the reader knows.</summary>
public class DocumentTests
{
    private static string Text => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "application.md"));

    [Fact]
    public void Its_example_is_a_valid_application()
    {
        var blocks = Text.Split("```yaml\n").Skip(1).Select(block => block.Split("```")[0]);

        var result = ApplicationReader.Read(Assert.Single(blocks, block => block.StartsWith("apiVersion", StringComparison.Ordinal)));

        Assert.Empty(result.Faults);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void It_names_every_key_word_and_parameter()
    {
        var text = Text;
        var words = Shapes.All.SelectMany(shape => shape.Names)
            .Concat(Shapes.All.SelectMany(shape => shape.Keys).Where(key => key.Words is not null).SelectMany(key => key.Words!.All))
            .Concat(LearnerFactory.Types)
            .Concat(DriftDetectors.Kinds.SelectMany(kind => kind.Parameters.Select(parameter => parameter.Name).Append(kind.Name)))
            .Concat(LearnerParameters.All.SelectMany(parameter => parameter.Words.Append(parameter.Name)));
        Assert.All(words.Distinct(), word => Assert.Matches($@"[`{{ .]{word}[`:,}}\]\s]", text));
    }
}
