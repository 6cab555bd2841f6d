namespace OrleansMl.Gateway;

/// <summary>The gateway's options do not allow a start; the message names the option and the remedy. Exit code 2.</summary>
public sealed class GatewayConfigurationException(string message) : Exception(message)
{
    /// <summary>Usage or invalid configuration.</summary>
    public int ExitCode => 2;
}
