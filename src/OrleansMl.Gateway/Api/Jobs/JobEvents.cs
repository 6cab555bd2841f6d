using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Jobs;

namespace OrleansMl.Gateway.Api;

/// <summary>
/// Follows a job as server-sent events (WHATWG HTML, 9.2): <c>log</c> for each line, <c>state</c> for each change of state, <c>progress</c>
/// in between. An id says which line and which change came last, so that who reconnects misses none; it is good after a restart too.
/// </summary>
internal sealed class JobEvents(HttpContext context, IJobService jobs, TimeSpan heartbeat, CancellationToken stopping)
{
    private const int LinesAtOnce = 500;

    private long _line;
    private long _transition;

    /// <summary>Writes until the job has ended, the caller goes, or the server stops.</summary>
    public async Task RunAsync(string id)
    {
        ReadLastId();
        var status = (await jobs.GetAsync(id, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        if (status.IsFinal && status.Transitions == _transition && status.LogSequence <= _line)
        {
            // The client has all there is: this is how it is told not to ask again.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        // Proxies that gather answers would hold the events back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await FollowAsync(id, status, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The caller has gone, or asks another server when this one stops.
        }
    }

    private async Task FollowAsync(string id, JobStatus status, CancellationToken cancellationToken)
    {
        long? told = null;
        while (true)
        {
            await WriteLinesAsync(id, status, cancellationToken).ConfigureAwait(false);
            if (status.Transitions != _transition)
            {
                _transition = status.Transitions;
                await WriteAsync("state"u8.ToArray(), status, JobJson.WriteJob, cancellationToken).ConfigureAwait(false);
            }
            else if (status.Revision != told)
            {
                await WriteAsync("progress"u8.ToArray(), status, WriteProgress, cancellationToken).ConfigureAwait(false);
            }

            told = status.Revision;
            await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (status.IsFinal)
                return;
            var next = jobs.WaitAsync(id, status.Revision, cancellationToken);
            while (await Task.WhenAny(next, Task.Delay(heartbeat, cancellationToken)).ConfigureAwait(false) != next)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await context.Response.Body.WriteAsync(":\n\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            status = (await next.ConfigureAwait(false)).OrThrow();
        }
    }

    private async Task WriteLinesAsync(string id, JobStatus status, CancellationToken cancellationToken)
    {
        while (_line < status.LogSequence)
        {
            var lines = (await jobs.ReadLogAsync(id, _line, LinesAtOnce, cancellationToken).ConfigureAwait(false)).OrThrow();
            if (lines.IsEmpty)
                return;
            foreach (var line in lines)
            {
                _line = line.Sequence;
                await WriteAsync("log"u8.ToArray(), line, JobJson.WriteLogLine, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync<T>(byte[] name, T value, Action<Utf8JsonWriter, T> write, CancellationToken cancellationToken)
    {
        using var buffer = new PooledBuffer();
        buffer.Write("id: "u8);
        buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_line}-{_transition}")));
        buffer.Write("\nevent: "u8);
        buffer.Write(name);
        buffer.Write("\ndata: "u8);
        JsonAnswer.Render(buffer, value, write);
        buffer.Write("\n\n"u8);
        await context.Response.Body.WriteAsync(buffer.Memory, cancellationToken).ConfigureAwait(false);
    }

    private static void WriteProgress(Utf8JsonWriter writer, JobStatus job)
    {
        writer.WriteStartObject();
        writer.WriteString("step"u8, job.Step);
        writer.WriteNumber("attempt"u8, job.Attempt);
        writer.WriteNumberOrNull("progress"u8, job.Progress);
        writer.WriteNumberOrNull("etaSeconds"u8, job.EtaSeconds);
        writer.WriteStartObject("metrics"u8);
        foreach (var (name, value) in job.Metrics)
            writer.WriteNumberOrNull(Encoding.UTF8.GetBytes(name), value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void ReadLastId()
    {
        var text = context.Request.Headers["Last-Event-ID"].ToString();
        if (text.Length == 0)
            return;
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        if (hyphen < 0
            || !long.TryParse(text.AsSpan(0, hyphen), NumberStyles.None, CultureInfo.InvariantCulture, out _line)
            || !long.TryParse(text.AsSpan(hyphen + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _transition))
        {
            throw new ApiException(400, "invalid", $"The header Last-Event-ID is '{text}'; send the id of the last event as it came, such as 12-3, or leave it out.");
        }
    }
}
