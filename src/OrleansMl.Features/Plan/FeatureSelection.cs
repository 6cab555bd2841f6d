using System.Collections.Immutable;

namespace OrleansMl.Features;

/// <summary>Names resolved by a <see cref="FoldPlan"/>: which features a read answers, in which order.</summary>
public sealed class FeatureSelection
{
    internal FeatureSelection(FoldPlan plan, IEnumerable<FeatureSlot> slots)
    {
        Plan = plan;
        Slots = [.. slots];
        Names = [.. Slots.Select(slot => slot.Name)];
        Series = [.. Slots.Where(slot => slot.Source == SlotSource.Series).Select(slot => slot.Index).Distinct()];
        Attributes = [.. Slots.Where(slot => slot.Source == SlotSource.Attribute).Select(slot => slot.Index).Distinct()];
    }

    /// <summary><c>view:feature</c>, <c>type.attribute</c> or <c>type.id</c>, wildcards in declared order, each once.</summary>
    public ImmutableArray<string> Names { get; }

    public int Count => Slots.Length;

    internal FoldPlan Plan { get; }

    internal FeatureSlot[] Slots { get; }

    internal int[] Series { get; }

    internal int[] Attributes { get; }
}
