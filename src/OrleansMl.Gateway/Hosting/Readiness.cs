using Microsoft.Extensions.Hosting;
using OrleansMl.Services;

namespace OrleansMl.Gateway;

/// <summary>Ready: the silo says so, and no shutdown has begun. A shutdown makes it unready at once; calls in flight finish.</summary>
internal sealed class Readiness(IControlService control, IHostApplicationLifetime lifetime)
{
    /// <summary>Null when ready, else why not.</summary>
    public string? WhyNot() => lifetime.ApplicationStopping.IsCancellationRequested ? "The server is shutting down; ask another one." : control.WhyNotReady();
}
