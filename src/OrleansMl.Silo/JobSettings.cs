using Microsoft.Extensions.Configuration;
using OrleansMl.Jobs;

namespace OrleansMl.Silo;

/// <summary>How a silo runs jobs: the section <c>Jobs</c> of its configuration.</summary>
internal static class JobSettings
{
    /// <summary>Checks the section; the answer puts it into options.</summary>
    /// <exception cref="StartupException">A value cannot be used; names it and the remedy.</exception>
    public static Action<JobOptions> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Jobs");
        var options = new JobOptions();
        try
        {
            Bind(options);
            options.Validate();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new StartupException($"Jobs: {exception.Message}{(exception.InnerException is { } inner ? " " + inner.Message : "")}", 2);
        }

        return Bind;

        void Bind(JobOptions target) => section.Bind(target, binder => binder.ErrorOnUnknownConfiguration = true);
    }
}
