namespace OrleansMl.Declaration;

/// <summary>How much one application may declare: far above need, low enough that checking stays quick.</summary>
internal static class Limits
{
    /// <summary>Entities, events, views, models each.</summary>
    public const int Things = 256;

    /// <summary>Fields of an event, attributes of an entity, inputs of a model, features of a view, columns of a vector.</summary>
    public const int Columns = 4096;

    public const int Stages = 64;

    public const int Categories = 10_000;

    /// <summary>Records back of a last; each is kept per entity.</summary>
    public const int Offset = 10_000;

    public const int Label = 64;

    /// <summary>Text of defaults, of columns in a CSV file.</summary>
    public const int Text = 256;
}
