using System.Globalization;

namespace OrleansMl.Cli.Output;

/// <summary>Progress as lines of text, at most one in ten seconds.</summary>
internal sealed class ProgressLines(TextWriter writer, string title, long total, TimeProvider time) : IProgress<ProgressNote>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private long _last = time.GetTimestamp();

    public void Report(ProgressNote value)
    {
        if (time.GetElapsedTime(_last) < Every)
            return;
        _last = time.GetTimestamp();
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {value.Done:N0} of {total:N0}  {value.Text}"));
    }
}
