using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using OrleansMl.Gateway.Errors;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// Settings of the logging extension (<c>extension_logging.md</c>): what of this product's log is written. Until one is set, the server's
/// configuration decides. They last as long as the process. <c>log_file</c> and <c>log_format</c> are the operator's and cannot be set.
/// </summary>
internal sealed class LogSettings : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    private readonly Lock _gate = new();
    private State _state = new(true, true, true, 0);
    private bool _isSet;
    private ConfigurationReloadToken _changed = new();

    private sealed record State(bool Info, bool Warning, bool Error, int Verbose);

    public string? Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => _changed;

    public void Configure(LoggerFilterOptions options)
    {
        if (Volatile.Read(ref _isSet))
            options.Rules.Add(new LoggerFilterRule(null, "OrleansMl", LogLevel.Trace, (_, _, level) => IsOn(level)));
    }

    /// <summary>bool, int or string by name, in a fixed order.</summary>
    public IReadOnlyList<(string Name, object Value)> Read()
    {
        var state = _state;
        return
        [
            ("log_file", ""), ("log_info", state.Info), ("log_warning", state.Warning), ("log_error", state.Error), ("log_verbose_level", state.Verbose), ("log_format", "default"),
        ];
    }

    /// <summary>Changes settings; all of them or none.</summary>
    /// <exception cref="ApiException">400: a setting that is not there or cannot be set, or a value that does not fit.</exception>
    public void Update(IReadOnlyDictionary<string, object?> changes)
    {
        lock (_gate)
        {
            var state = _state;
            foreach (var (name, value) in changes)
            {
                state = name switch
                {
                    "log_info" => state with { Info = Truth(name, value) },
                    "log_warning" => state with { Warning = Truth(name, value) },
                    "log_error" => state with { Error = Truth(name, value) },
                    "log_verbose_level" => state with { Verbose = value is long and >= 0 and <= 10 ? (int)(long)value : throw Unfit(name, value, "a whole number from 0 to 10; 1 and above write details") },
                    "log_file" => value is "" ? state : throw Unfit(name, value, "nothing: where the log goes is the operator's to choose"),
                    "log_format" => value is "default" ? state : throw Unfit(name, value, "default: the form of the log is set by the server's configuration"),
                    _ => throw new ApiException(400, "invalid", $"There is no log setting '{name}'; known are {string.Join(", ", Read().Select(s => s.Name))}."),
                };
            }

            _state = state;
            Volatile.Write(ref _isSet, true);
        }

        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    private bool IsOn(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.Error => _state.Error,
        LogLevel.Warning => _state.Warning,
        LogLevel.Information => _state.Info,
        _ => _state.Verbose > 0,
    };

    private static bool Truth(string name, object? value) => value is bool truth ? truth : throw Unfit(name, value, "true or false");

    private static ApiException Unfit(string name, object? value, string wanted)
        => new(400, "invalid", $"The log setting '{name}' is '{Convert.ToString(value, CultureInfo.InvariantCulture)}'; give {wanted}.");
}
