using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Metrics;

/// <summary>What the gateway counts. Units: seconds, items. All under <c>oml.http</c>: the silo counts the same things as it stores them.</summary>
internal sealed class GatewayInstruments
{
    public const string MeterName = "OrleansMl.Gateway";

    private static readonly double[] SecondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Counter<long> _predictions;
    private readonly Counter<long> _inferences;
    private readonly Counter<long> _events;
    private readonly Counter<long> _outcomes;

    public GatewayInstruments(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _requests = meter.CreateCounter<long>("oml.http.requests", description: "HTTP requests answered.");
        _duration = meter.CreateHistogram("oml.http.request.duration", "s", "Time from the first byte of a request to the end of its answer.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = SecondsBuckets });
        _inFlight = meter.CreateUpDownCounter<long>("oml.http.requests.active", description: "HTTP requests in flight.");
        _predictions = meter.CreateCounter<long>("oml.http.predictions", description: "Predictions asked for under /api/v1.");
        _inferences = meter.CreateCounter<long>("oml.http.inferences", description: "Inferences asked for under /v2.");
        _events = meter.CreateCounter<long>("oml.http.events", description: "Events received over HTTP.");
        _outcomes = meter.CreateCounter<long>("oml.http.outcomes", description: "Outcomes received over HTTP.");
    }

    public void RequestStarted() => _inFlight.Add(1);

    public void RequestEnded(HttpContext context, string route, TimeSpan elapsed)
    {
        _inFlight.Add(-1);
        var method = new KeyValuePair<string, object?>("method", Method(context.Request.Method));
        var at = new KeyValuePair<string, object?>("route", route);
        _requests.Add(1, at, method, new("status", context.Response.StatusCode));
        _duration.Record(elapsed.TotalSeconds, at, method);
    }

    public void Predicted(string model, string result) => _predictions.Add(1, new("model", model), new("result", result));

    public void Inferred(string model, string result) => _inferences.Add(1, new("model", model), new("result", result));

    public void Events(string status, int count)
    {
        if (count > 0)
            _events.Add(count, new KeyValuePair<string, object?>("status", status));
    }

    public void Outcomes(string status, int count)
    {
        if (count > 0)
            _outcomes.Add(count, new KeyValuePair<string, object?>("status", status));
    }

    // callers choose the method's text; a metric's label must not grow with it
    private static string Method(string method) => method is "GET" or "POST" or "PUT" or "DELETE" or "HEAD" or "PATCH" or "OPTIONS" ? method : "other";
}
