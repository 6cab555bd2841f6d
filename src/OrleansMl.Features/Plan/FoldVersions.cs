using System.Security.Cryptography;

namespace OrleansMl.Features;

/// <summary>The name of what a plan's folds keep; see <see cref="FoldPlan.FoldVersion"/>.</summary>
internal static class FoldVersions
{
    public static string Of(FoldPlan plan)
    {
        var writer = new ByteWriter(256);
        writer.Varint(FoldPlan.CodeVersion);
        writer.Text(plan.EntityType);
        writer.Signed(plan.ReadBack.Ticks);
        writer.Varint((ulong)plan.Attributes.Length);
        foreach (var attribute in plan.Attributes)
        {
            writer.Text(attribute);
        }

        writer.Varint((ulong)plan.Series.Length);
        foreach (var series in plan.Series)
        {
            writer.Byte((byte)series.Kind);
            writer.Text(series.Type);
            writer.Signed(series.LongestWindow);
            writer.Byte(series.KeepsAllRows ? (byte)1 : (byte)0);
            writer.Varint((ulong)series.Columns.Length);
            for (var c = 0; c < series.Columns.Length; c++)
            {
                writer.Text(series.Columns[c]);
                writer.Varint((ulong)series.Lasts[c]);
                writer.Byte(series.Distinct[c] ? (byte)1 : (byte)0);
            }

            writer.Varint((ulong)series.Demands.Length);
            foreach (var demand in series.Demands)
            {
                writer.Signed(demand.Column);
                writer.Byte(demand.Numeric ? (byte)1 : (byte)0);
                writer.Varint((ulong)demand.Count);
            }
        }

        return $"{FoldPlan.CodeVersion}-{Convert.ToHexStringLower(SHA256.HashData(writer.Written).AsSpan(0, 12))}";
    }
}
