using System.Globalization;
using OrleansMl.Cli.Data;

namespace OrleansMl.Cli.Tests;

public class SeaStreamTests
{
    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        Assert.Equal(Text(500, 1), Text(500, 1));
        Assert.NotEqual(Text(500, 1), Text(500, 2));
    }

    [Fact]
    public void Nine_labels_in_ten_follow_the_threshold_of_their_quarter()
    {
        const int Rows = 20_000;
        var lines = Text(Rows, 7).TrimEnd('\n').Split('\n');
        Assert.Equal("x1,x2,x3,class", lines[0]);
        Assert.Equal(Rows + 1, lines.Length);
        double[] thresholds = [8, 9, 7, 9.5];
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var right = 0;
            for (var row = quarter * Rows / 4; row < (quarter + 1) * Rows / 4; row++)
            {
                var cells = lines[row + 1].Split(',');
                var numbers = cells[..3].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
                Assert.All(numbers, number => Assert.InRange(number, 0, 10));
                if ((numbers[0] + numbers[1] <= thresholds[quarter]) == (cells[3] == "IN"))
                    right++;
            }

            // Binomial(5,000, 0.9): five standard deviations are 0.021.
            Assert.InRange(right / (Rows / 4.0), 0.879, 0.921);
        }
    }

    [Fact]
    public void The_sample_application_of_the_stream_is_valid_and_fits_its_columns()
    {
        var root = Repository.FindRoot();
        Assert.NotNull(root);
        var application = ApplicationFile.Read(Path.Combine(root, "samples", "sea", "application.yaml"), TextWriter.Null);
        var plan = Replay.ReplayPlan.Create(application, ["x1", "x2", "x3", "class"]);
        Assert.Equal(["x1", "x2", "x3"], plan.Fields.Select(field => field.Field.Name));
        Assert.Equal(["OUT", "IN"], plan.Target.Classes);
    }

    private static string Text(int rows, ulong seed)
    {
        using var writer = new StringWriter();
        SeaStream.Write(writer, rows, seed);
        return writer.ToString();
    }
}
