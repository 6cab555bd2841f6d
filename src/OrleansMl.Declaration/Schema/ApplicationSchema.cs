namespace OrleansMl.Declaration;

/// <summary>The JSON Schema (draft 2020-12) of application files, for editors; <see cref="ApplicationReader"/> checks more.</summary>
public static class ApplicationSchema
{
    private static readonly Lazy<string> Text = new(() =>
    {
        using var stream = typeof(ApplicationSchema).Assembly.GetManifestResourceStream("application.schema.json")
            ?? throw new InvalidOperationException("The assembly lacks its resource application.schema.json; build it from docs/application.schema.json.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The schema's text.</summary>
    public static string Json => Text.Value;
}
