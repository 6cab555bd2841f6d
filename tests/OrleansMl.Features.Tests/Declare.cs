namespace OrleansMl.Features.Tests;

/// <summary>Short forms of declarations.</summary>
internal static class Declare
{
    public static ViewDefinition View(string name, string source, params FeatureDefinition[] features) =>
        new() { Name = name, Entity = "client", SourceKind = ViewSourceKind.Event, Source = source, Features = [.. features] };

    public static ViewDefinition OutcomeView(string name, string target, params FeatureDefinition[] features) =>
        View(name, target, features) with { SourceKind = ViewSourceKind.Outcome };

    public static FeatureDefinition Feature(string name, Aggregation aggregation, string? field = null, double? minutes = null, bool tumbling = false) =>
        new() { Name = name, Aggregation = aggregation, Field = field, Window = minutes is { } m ? TimeSpan.FromMinutes(m) : null, Tumbling = tumbling };

    public static EntityDefinition Client(params string[] attributes) =>
        new() { Name = "client", Attributes = [.. attributes.Select(name => new FieldDefinition { Name = name, Type = FieldType.String })] };

    public static FoldPlan Plan(params ViewDefinition[] views) => FoldPlan.Compile(Client("segment"), views);

    public static FeatureRead ReadOne(this EntityFold fold, string name, double minutes)
    {
        Assert.True(fold.Plan.TryResolve([name], out var selection, out var error), error);
        Assert.True(fold.CanRead(selection, Log.At(minutes)));
        return Assert.Single(fold.Read(selection, Log.At(minutes)));
    }
}
