using System.Collections.Frozen;
using OrleansMl.Declaration;

namespace OrleansMl.Services;

/// <summary>Checks values of requests against declared fields.</summary>
internal static class FieldRules
{
    /// <summary>Why a value does not fit its declaration; null when it does. A missing value always fits.</summary>
    public static OmlFault? WhyNot(FrozenDictionary<string, FieldDefinition> fields, NamedValue value, string what, string kind, string owner)
    {
        if (!fields.TryGetValue(value.Name, out var field))
        {
            var known = fields.Count == 0 ? "it has none" : "known: " + string.Join(", ", fields.Keys.Order(StringComparer.Ordinal));
            return new OmlFault($"unknown_{what}", $"{char.ToUpperInvariant(kind[0])}{kind[1..]} '{owner}' has no {what} '{value.Name}' ({known}).");
        }

        var why = value.Value.Kind switch
        {
            ScalarKind.Number => FieldCheck.WhyNotNumber(field, value.Value.AsNumber()),
            ScalarKind.Text => FieldCheck.WhyNotText(field, value.Value.AsText()!),
            ScalarKind.Bool => FieldCheck.WhyNotBool(field),
            _ => null,
        };
        return why is null ? null : new OmlFault("invalid_value", why);
    }
}
