using Microsoft.Extensions.Configuration;

namespace OrleansMl.Silo;

/// <summary>A section of the configuration that is the options of one part of a silo.</summary>
internal static class OptionsSection
{
    /// <summary>Checks the section; the answer puts it into options.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="name">Of the section.</param>
    /// <param name="validate">Throws <see cref="ArgumentException"/> for values that cannot be.</param>
    /// <exception cref="StartupException">A value cannot be used; names it and the remedy.</exception>
    public static Action<T> Read<T>(IConfiguration configuration, string name, Action<T> validate)
        where T : class, new()
    {
        var section = configuration.GetSection(name);
        var options = new T();
        try
        {
            Bind(options);
            validate(options);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new StartupException($"{name}: {exception.Message}{(exception.InnerException is { } inner ? " " + inner.Message : "")}", 2);
        }

        return Bind;

        void Bind(T target) => section.Bind(target, binder => binder.ErrorOnUnknownConfiguration = true);
    }
}
