using System.Globalization;

namespace OrleansMl;

/// <summary>One immutable version of a model. Versions count from 1.</summary>
[GenerateSerializer, Immutable, Alias("oml.ModelVersionId")]
public readonly record struct ModelVersionId([property: Id(0)] string Model, [property: Id(1)] int Version)
{
    public string ToGrainKey() => KeyCodec.Join(Model, Version.ToString(CultureInfo.InvariantCulture));

    public static ModelVersionId FromGrainKey(string key)
    {
        var (model, version) = KeyCodec.Split(key);
        return new ModelVersionId(model, int.Parse(version, NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public override string ToString() => $"{Model}/{Version}";
}
