using Microsoft.Extensions.Logging;

namespace OrleansMl.Retraining.Schedules;

internal sealed partial class RetrainScheduleGrain
{
    [LoggerMessage(LogLevel.Information, "{Model} is retrained by job {Job}: {By}.")]
    private static partial void LogBegun(ILogger logger, string model, string job, string by);

    [LoggerMessage(LogLevel.Information, "{Model} is retrained by job {Job}, which others have asked for: outcomes count from here.")]
    private static partial void LogFollowed(ILogger logger, string model, string job);

    [LoggerMessage(LogLevel.Warning, "A retraining of {Model} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string model, string reason);

    [LoggerMessage(LogLevel.Warning, "A retraining of {Model} could not be begun; the next pass tries again: {Reason}")]
    private static partial void LogNotBegun(ILogger logger, string model, string reason);

    [LoggerMessage(LogLevel.Warning, "The trigger {Trigger} of {Model} cannot come: {Reason}")]
    private static partial void LogCannotCome(ILogger logger, string trigger, string model, string reason);
}
