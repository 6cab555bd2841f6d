using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Security;

namespace OrleansMl.Gateway.Hosting;

/// <summary>
/// One line for each request, in the category <c>OrleansMl.Access</c>, with its parts as named values: a formatter such as the
/// console's <c>json</c> writes them as members.
/// </summary>
internal sealed partial class AccessLog(ILoggerFactory loggers, IOptions<GatewayOptions> options)
{
    private readonly ILogger? _log = options.Value.AccessLog ? loggers.CreateLogger("OrleansMl.Access") : null;

    public void Write(HttpContext context, string route, TimeSpan elapsed)
    {
        if (_log is not { } log)
            return;
        var request = context.Request;
        Answered(
            log, request.Method, request.Path.Value ?? "", route, context.Response.StatusCode, Math.Round(elapsed.TotalMilliseconds, 3), request.ContentLength, KeyRing.CallerOf(context),
            context.Connection.RemoteIpAddress?.ToString(), context.TraceIdentifier);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Method} {Path} ({Route}) {Status} in {Milliseconds} ms, {RequestBytes} bytes, key {Key}, from {Remote}, request {RequestId}")]
    private static partial void Answered(ILogger logger, string method, string path, string route, int status, double milliseconds, long? requestBytes, string key, string? remote, string requestId);
}
