namespace OrleansMl.Inference;

/// <summary>What a tensor holds of the map or sequence that it is a part of.</summary>
public enum OutputPartKind
{
    /// <summary>Values of maps, one row a map.</summary>
    MapValues,

    /// <summary>Keys of maps, at the places of their values.</summary>
    MapKeys,

    /// <summary>Elements of all tensors of a sequence, one after the other.</summary>
    SequenceElements,

    /// <summary>Shapes of the tensors of a sequence, one row a tensor.</summary>
    SequenceShapes,
}
