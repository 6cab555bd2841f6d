using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>Options of an execution provider as the runtime takes them: text to text. What is null is left to the runtime.</summary>
internal sealed class ProviderOptions
{
    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    public ProviderOptions Add(string name, string? value)
    {
        if (value is not null)
            Values.Add(name, value);
        return this;
    }

    public ProviderOptions Add(string name, bool? value) => Add(name, value switch { null => null, true => "1", false => "0" });

    public ProviderOptions Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));
}
