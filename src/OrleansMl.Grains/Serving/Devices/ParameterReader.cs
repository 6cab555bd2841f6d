using System.Globalization;

namespace OrleansMl.Serving;

/// <summary>Reads the texts of a configuration's parameters as what they mean, and gathers what does not fit.</summary>
/// <param name="values">By key.</param>
/// <param name="path">What a fault calls them, such as <c>parameters</c>.</param>
/// <param name="faults">Gets a sentence without a full stop for each fault.</param>
internal sealed class ParameterReader(IReadOnlyDictionary<string, string> values, string path, List<string> faults)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>What was asked for and is there, as <c>key=value</c> in a fixed order.</summary>
    public string Used => string.Join(' ', values.Where(v => _known.Contains(v.Key)).OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"));

    public string? Text(string key)
    {
        _known.Add(key);
        return values.GetValueOrDefault(key);
    }

    public bool? Truth(string key) => Choice<bool>(key, ("1", true), ("0", false), ("true", true), ("false", false));

    public long? Number(string key, long least, long most)
    {
        if (Text(key) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault(key, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
        return null;
    }

    public T? Choice<T>(string key, params ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct
    {
        if (Text(key) is not { } text)
            return null;
        foreach (var choice in choices)
        {
            if (choice.Text == text)
                return choice.Value;
        }

        var names = new List<string>(choices.Length);
        foreach (var choice in choices)
            names.Add($"'{choice.Text}'");
        Fault(key, text, string.Join(", ", names));
        return null;
    }

    public void Fault(string key, string value, string wanted) => faults.Add($"{path}[\"{key}\"] is '{value}'; write {wanted}");

    /// <summary>What was not asked for is not known.</summary>
    public void RefuseOthers(Func<string, bool>? isOurs = null)
    {
        foreach (var key in values.Keys.Where(k => !_known.Contains(k) && isOurs?.Invoke(k) != false).Order(StringComparer.Ordinal))
            faults.Add($"{path}[\"{key}\"] is not supported; supported are {string.Join(", ", _known.Where(k => isOurs?.Invoke(k) != false).Order(StringComparer.Ordinal))}");
    }
}
