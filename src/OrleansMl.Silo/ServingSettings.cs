using Microsoft.Extensions.Configuration;
using OrleansMl.Serving;

namespace OrleansMl.Silo;

/// <summary>How a silo loads and keeps versions: the section <c>Serving</c> of its configuration.</summary>
internal static class ServingSettings
{
    /// <summary>Checks the section; the answer puts it into options.</summary>
    /// <exception cref="StartupException">A value cannot be used; names it and the remedy.</exception>
    public static Action<ServingOptions> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Serving");
        var options = new ServingOptions();
        try
        {
            Bind(options);
            options.Validate();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new StartupException($"Serving: {exception.Message}{(exception.InnerException is { } inner ? " " + inner.Message : "")}", 2);
        }

        return Bind;

        void Bind(ServingOptions target) => section.Bind(target, binder => binder.ErrorOnUnknownConfiguration = true);
    }
}
