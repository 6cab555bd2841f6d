namespace OrleansMl.Learning;

/// <summary>
/// Weights of the classes by place of one hashed feature. Only the first <see cref="MostPlaces"/> places are told apart: a
/// leaf that sees ids must not grow with their number.
/// </summary>
internal sealed class PlaceCounts(int classes)
{
    public const int MostPlaces = 1000;

    /// <summary>Weights [C] by place, ascending.</summary>
    public SortedDictionary<int, double[]> ByPlace { get; } = [];

    /// <summary>[C]: of all places.</summary>
    public double[] Totals { get; } = new double[classes];

    public void Add(int place, int label, double weight)
    {
        Totals[label] += weight;
        if (!ByPlace.TryGetValue(place, out var weights))
        {
            if (ByPlace.Count == MostPlaces)
                return;
            ByPlace.Add(place, weights = new double[classes]);
        }

        weights[label] += weight;
    }

    /// <summary>Share of the place in a class; 0 where it was never seen.</summary>
    public double Share(int place, int c) => ByPlace.TryGetValue(place, out var weights) && weights[c] > 0 ? weights[c] / Totals[c] : 0;

    public void Write(BinaryWriter writer)
    {
        foreach (var total in Totals)
            writer.Write(total);
        writer.Write(ByPlace.Count);
        foreach (var (place, weights) in ByPlace)
        {
            writer.Write(place);
            foreach (var weight in weights)
                writer.Write(weight);
        }
    }

    public static PlaceCounts Read(BinaryReader reader, int classes)
    {
        var counts = new PlaceCounts(classes);
        for (var c = 0; c < classes; c++)
            counts.Totals[c] = reader.ReadDouble();
        for (var places = reader.ReadInt32(); places > 0; places--)
        {
            var weights = new double[classes];
            counts.ByPlace.Add(reader.ReadInt32(), weights);
            for (var c = 0; c < classes; c++)
                weights[c] = reader.ReadDouble();
        }

        return counts;
    }
}
