using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Features;

/// <summary>
/// The features of one entity type, compiled from its declaration: immutable, made once per declaration and shared by
/// the folds of all its entities.
/// </summary>
public sealed class FoldPlan
{
    /// <summary>Rises when the code changes what a stored snapshot means.</summary>
    internal const int CodeVersion = 1;

    private readonly Dictionary<string, FeatureSlot> _slots;
    private readonly Dictionary<string, FeatureSlot[]> _views;

    internal FoldPlan(
        string entityType,
        SeriesPlan[] series,
        string[] attributes,
        FeatureSlot[] slots,
        TimeSpan readBack)
    {
        EntityType = entityType;
        Series = series;
        Attributes = attributes;
        ReadBack = readBack;
        AttributeIndex = attributes.Select((name, index) => (name, index)).ToDictionary(a => a.name, a => a.index, StringComparer.Ordinal);
        EventIndex = IndexSeries(series, FoldRecordKind.Event);
        OutcomeIndex = IndexSeries(series, FoldRecordKind.Outcome);
        _slots = slots.ToDictionary(slot => slot.Name, StringComparer.Ordinal);
        _views = slots.Where(slot => slot.Source == SlotSource.Series)
            .GroupBy(slot => slot.Name[..slot.Name.IndexOf(':', StringComparison.Ordinal)], StringComparer.Ordinal)
            .ToDictionary(view => view.Key, view => view.ToArray(), StringComparer.Ordinal);
        All = new FeatureSelection(this, slots.Where(slot => slot.Source != SlotSource.EntityId));
        AllAttributes = new FeatureSelection(this, slots.Where(slot => slot.Source == SlotSource.Attribute));
        FoldVersion = FoldVersions.Of(this);
    }

    /// <summary>Type of the entities.</summary>
    public string EntityType { get; }

    /// <summary>
    /// Names the meaning of a snapshot: a hash of all that decides what a fold keeps (code, entity type, attributes, sources,
    /// fields, windows, aggregations without a window, <see cref="ReadBack"/>). Names, defaults and times to live of features
    /// are applied when reading and change nothing that is stored, so they do not change it. A snapshot with another version
    /// is no use: rebuild from the log.
    /// </summary>
    public string FoldVersion { get; }

    /// <summary>
    /// How far behind the newest record a read of a live fold is at least possible. Further back the fold may refuse
    /// (<see cref="EntityFold.CanRead"/>), because rows have left their longest window.
    /// </summary>
    public TimeSpan ReadBack { get; }

    /// <summary>All features in declared order, then all attributes.</summary>
    public FeatureSelection All { get; }

    /// <summary>All attributes in declared order.</summary>
    public FeatureSelection AllAttributes { get; }

    internal SeriesPlan[] Series { get; }

    internal string[] Attributes { get; }

    internal Dictionary<string, int> AttributeIndex { get; }

    /// <summary>Event type → index of its series.</summary>
    internal Dictionary<string, int> EventIndex { get; }

    /// <summary>Target → index of its series.</summary>
    internal Dictionary<string, int> OutcomeIndex { get; }

    /// <summary>Compiles what <paramref name="application"/> declares about one entity type.</summary>
    /// <param name="application">A checked declaration.</param>
    /// <param name="entityType">An entity type of it.</param>
    /// <param name="readBack">See <see cref="ReadBack"/>; null: one hour.</param>
    /// <exception cref="ArgumentException">The type is unknown, or a view is not well-formed.</exception>
    public static FoldPlan Compile(ApplicationDefinition application, string entityType, TimeSpan? readBack = null)
    {
        ArgumentNullException.ThrowIfNull(application);
        var entity = application.Entities.FirstOrDefault(e => e.Name == entityType)
            ?? throw new ArgumentException(
                $"Application '{application.Name}' has no entity type '{entityType}' (declared: {string.Join(", ", application.Entities.Select(e => e.Name))}).",
                nameof(entityType));
        return Compile(entity, application.Views, readBack);
    }

    /// <summary>Compiles one entity type with its views; views of other types are passed over.</summary>
    /// <inheritdoc cref="Compile(ApplicationDefinition, string, TimeSpan?)"/>
    public static FoldPlan Compile(EntityDefinition entity, IEnumerable<ViewDefinition> views, TimeSpan? readBack = null)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(views);
        return FoldPlanCompiler.Compile(entity, [.. views.Where(view => view.Entity == entity.Name)], readBack ?? TimeSpan.FromHours(1));
    }

    /// <summary>
    /// Resolves <c>view:feature</c>, <c>view:*</c>, <c>type.attribute</c> and <c>type.id</c>; an empty list means
    /// <see cref="All"/>. A name that comes twice, also by a wildcard, is read once, at its first place.
    /// </summary>
    /// <param name="names">What to read.</param>
    /// <param name="selection">What a read takes; null on error.</param>
    /// <param name="error">Every unknown name with what was probably meant, and all that there is; null on success.</param>
    public bool TryResolve(
        IReadOnlyList<string> names,
        [NotNullWhen(true)] out FeatureSelection? selection,
        [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(names);
        selection = null;
        error = null;
        if (names.Count == 0)
        {
            selection = All;
            return true;
        }

        var slots = new List<FeatureSlot>(names.Count);
        var taken = new HashSet<FeatureSlot>();
        List<string>? unknown = null;
        foreach (var name in names)
        {
            if (_slots.TryGetValue(name, out var slot))
            {
                if (taken.Add(slot))
                {
                    slots.Add(slot);
                }
            }
            else if (name.EndsWith(":*", StringComparison.Ordinal) && _views.TryGetValue(name[..^2], out var view))
            {
                slots.AddRange(view.Where(taken.Add));
            }
            else
            {
                (unknown ??= []).Add(name);
            }
        }

        if (unknown is not null)
        {
            error = DescribeUnknown(unknown);
            return false;
        }

        selection = new FeatureSelection(this, slots);
        return true;
    }

    private static Dictionary<string, int> IndexSeries(SeriesPlan[] series, FoldRecordKind kind) => series
        .Select((plan, index) => (plan, index))
        .Where(s => s.plan.Kind == kind)
        .ToDictionary(s => s.plan.Type, s => s.index, StringComparer.Ordinal);

    private string DescribeUnknown(List<string> unknown)
    {
        var readable = _slots.Keys.ToImmutableArray();
        var candidates = readable.AddRange(_views.Keys.Select(view => view + ":*"));
        var parts = unknown.Select(name => NameSuggestion.Nearest(name, candidates) is { } nearest
            ? $"'{name}' (did you mean '{nearest}'?)"
            : $"'{name}'");
        return $"Entity type '{EntityType}' has no feature {string.Join(", ", parts)}. There is: {string.Join(", ", readable)}.";
    }
}
