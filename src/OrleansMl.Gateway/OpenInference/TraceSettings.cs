using System.Collections.Concurrent;
using System.Globalization;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// Settings of the trace extension (<c>extension_trace.md</c>), for the server and, over them, for single models. They last as long as the
/// process. Traces go to the server's log, so <c>trace_file</c> is empty and cannot be set: no caller chooses a path on this machine.
/// </summary>
internal sealed class TraceSettings
{
    public const string Level = "trace_level";
    public const string Rate = "trace_rate";
    public const string Count = "trace_count";
    public const string LogFrequency = "log_frequency";
    public const string File = "trace_file";

    private static readonly Dictionary<string, string[]> Defaults = new(StringComparer.Ordinal)
    {
        [File] = [""],
        [Level] = ["OFF"],
        [Rate] = ["1000"],
        [Count] = ["-1"],
        [LogFrequency] = ["0"],
    };

    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string[]>> _ofModels = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<string, string[]> _ofServer = Defaults;
    private long _revision;

    /// <summary>Rises with every change.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    /// <summary>No model and not the server is traced: what the hot path asks.</summary>
    public bool IsOff => _ofModels.IsEmpty && _ofServer[Level][0] == "OFF";

    /// <summary>Settings in force, in a fixed order.</summary>
    /// <param name="model">Null: the server's.</param>
    public IReadOnlyList<(string Name, string[] Values)> Read(string? model)
    {
        var own = model is not null && _ofModels.TryGetValue(model, out var found) ? found : null;
        return [.. Defaults.Keys.Select(name => (name, own?.GetValueOrDefault(name) ?? _ofServer[name]))];
    }

    public string[] Read(string? model, string name)
        => model is not null && _ofModels.TryGetValue(model, out var own) && own.TryGetValue(name, out var values) ? values : _ofServer[name];

    /// <summary>Changes settings; all of them or none.</summary>
    /// <param name="model">Null: the server's.</param>
    /// <param name="changes">Name → values; none: back to the server's, or to the default.</param>
    /// <exception cref="ApiException">400: a setting that is not there, or a value that does not fit.</exception>
    public void Update(string? model, IReadOnlyDictionary<string, IReadOnlyList<string>> changes)
    {
        foreach (var (name, values) in changes)
            Check(name, values);
        lock (_ofModels)
        {
            var now = new Dictionary<string, string[]>(model is null ? _ofServer : _ofModels.GetValueOrDefault(model) ?? new Dictionary<string, string[]>(), StringComparer.Ordinal);
            foreach (var (name, values) in changes)
            {
                if (values.Count > 0)
                    now[name] = [.. values];
                else if (model is null)
                    now[name] = Defaults[name];
                else
                    now.Remove(name);
            }

            if (model is null)
                _ofServer = now;
            else if (now.Count == 0)
                _ofModels.TryRemove(model, out _);
            else
                _ofModels[model] = now;
            Interlocked.Increment(ref _revision);
        }
    }

    private static void Check(string name, IReadOnlyList<string> values)
    {
        if (!Defaults.ContainsKey(name))
            throw new ApiException(400, "invalid", $"There is no trace setting '{name}'; known are {string.Join(", ", Defaults.Keys)}.");
        if (values.Count == 0)
            return;
        switch (name)
        {
            case File when values is not [""]:
                throw Unfit(name, values, "nothing: traces go to the server's log, whose place is the operator's to choose");
            case Level when values.Contains("TENSORS"):
                throw new ApiException(501, "unsupported", "The trace level TENSORS is not served; set TIMESTAMPS or OFF.");
            case Level when values is not ["OFF"] && values.Any(v => v != "TIMESTAMPS"):
                throw Unfit(name, values, "OFF or TIMESTAMPS");
            case Rate when !IsWhole(values, 1):
                throw Unfit(name, values, "a whole number from 1 on");
            case Count when !IsWhole(values, -1):
                throw Unfit(name, values, "-1 (without end) or the number of traces wanted");
            case LogFrequency when values is not ["0"]:
                throw Unfit(name, values, "0: every trace is logged as it ends");
        }
    }

    private static bool IsWhole(IReadOnlyList<string> values, int least)
        => values is [var text] && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least;

    private static ApiException Unfit(string name, IReadOnlyList<string> values, string wanted)
        => new(400, "invalid", $"The trace setting '{name}' is '{string.Join(',', values)}'; give {wanted}.");
}
