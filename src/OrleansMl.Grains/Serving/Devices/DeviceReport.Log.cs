using Microsoft.Extensions.Logging;

namespace OrleansMl.Serving;

internal sealed partial class DeviceReport
{
    [LoggerMessage(LogLevel.Information, "{Model} version {Version} runs in {Sessions}.")]
    private static partial void LogPlaced(ILogger logger, string model, int version, string sessions);

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} does not run on the device that it asks for: {Reason}")]
    private static partial void LogFellBack(ILogger logger, string model, int version, string reason);

    [LoggerMessage(LogLevel.Information, "Tensors of {Model} version {Version} are not bound to the memory of {Device}, but copied by the runtime: {Reason}.")]
    private static partial void LogUnbound(ILogger logger, string model, int version, string device, string reason);

    [LoggerMessage(LogLevel.Error, "The new configuration of {Model} version {Version} cannot be carried out here; it runs on {Devices} as before: {Reason}")]
    private static partial void LogStayed(ILogger logger, string model, int version, string devices, string reason);
}
