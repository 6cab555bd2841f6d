namespace OrleansMl.Declaration.Tests;

/// <summary>The applications of the folder samples.</summary>
internal static class Samples
{
    public static string Electricity => Text("electricity");

    public static string BikeSharing => Text("bike-sharing");

    public static string Shop => Text("shop");

    public static IEnumerable<string> All => [Electricity, BikeSharing, Shop];

    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", name, "application.yaml"));

    /// <summary>The sample with one place changed; fails when the place is not there exactly once.</summary>
    public static string With(this string text, string old, string replacement)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0 && text.IndexOf(old, at + 1, StringComparison.Ordinal) < 0, $"The text must hold '{old}' once.");
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    public static ApplicationDefinition Read(string text)
    {
        var result = ApplicationReader.Read(text);
        Assert.Empty(result.Faults);
        return result.Definition!;
    }
}
