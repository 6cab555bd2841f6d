using System.Text.Json;

namespace OrleansMl.Cli.Jobs;

/// <summary>What is asked of a job. What was not given (null) is left out, and so to the server.</summary>
/// <param name="kind">Kind of the job.</param>
/// <param name="model">Name of the model.</param>
/// <param name="parameters">Its <c>params</c>, which may be filled until <see cref="ToBytes"/>.</param>
internal sealed class JobBody(string kind, string model, Dictionary<string, object> parameters)
{
    private readonly Dictionary<string, object> _members = new() { ["kind"] = kind, ["model"] = model, ["params"] = parameters };

    public JobBody Set(string name, object? value)
    {
        if (value is not null)
            _members[name] = value;
        return this;
    }

    /// <summary>Digits are a version's number, everything else is an alias.</summary>
    public JobBody SetVersion(string? version) => Set(version?.All(char.IsAsciiDigit) == true ? "version" : "alias", version);

    public JobBody SetParameter(string name, object? value)
    {
        if (value is not null)
            parameters[name] = value;
        return this;
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(_members);
}
