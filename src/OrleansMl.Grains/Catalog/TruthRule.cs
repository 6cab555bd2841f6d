using OrleansMl.Declaration;

namespace OrleansMl.Catalog;

/// <summary>An event type that is the truth of a target: <c>from: {event, subject, value}</c>.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="SubjectField">Field of the event that names the candidate; null: none.</param>
/// <param name="Value">What such an event says of the target, in the target's terms.</param>
public sealed record TruthRule(string Target, string? SubjectField, Scalar Value)
{
    /// <summary>The truth that an event is; null: it names no candidate where one is asked for.</summary>
    /// <param name="id">Id of the event.</param>
    /// <param name="time">When it happened; null: now.</param>
    /// <param name="type">Type of the event.</param>
    /// <param name="subject">What the event says in <see cref="SubjectField"/>.</param>
    internal OutcomeRecord? ToOutcome(string id, DateTime? time, string type, Scalar? subject)
    {
        if (SubjectField is not null && subject is not { IsMissing: false })
            return null;
        return new OutcomeRecord($"{Target}@{id}", null, Target, SubjectField is null ? null : subject!.Value.AsText(), time, Value, $"event:{type}", 0);
    }

    internal static IEnumerable<TruthRule> Of(ApplicationDefinition application, EventDefinition definition) => application.Models
        .Where(m => m.Entity == definition.Entity && m.Target?.FromEvent == definition.Name)
        .Select(m => new TruthRule(m.Target!.Name, m.Target.FromSubject, m.Target.Type == TargetType.Multiclass ? m.Target.FromLabel(m.Target.FromValue) : Scalar.Of(m.Target.FromValue)))
        .Distinct();
}
