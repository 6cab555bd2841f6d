using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMl.Outcomes;

/// <summary>Tells a repeat of an outcome from another one under the same id.</summary>
internal static class OutcomeHash
{
    public static byte[] Of(OutcomeRecord outcome) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f',
        outcome.PredictionId, outcome.Target, outcome.Subject, outcome.Time?.Ticks.ToString(CultureInfo.InvariantCulture),
        outcome.Value.Kind, outcome.Value.AsText(), outcome.Source)));
}
