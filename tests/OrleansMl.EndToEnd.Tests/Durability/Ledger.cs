using System.Collections.Concurrent;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>
/// What the writers of a kill loop have sent, and what the server has acknowledged. Written from many threads; read
/// between two lives of the server.
/// </summary>
internal sealed class Ledger
{
    /// <summary>Events by id; each is a reading of 1.</summary>
    public ConcurrentDictionary<string, Sent> Events { get; } = new();

    /// <summary>Predictions by request id.</summary>
    public ConcurrentDictionary<string, Asked> Predictions { get; } = new();

    /// <summary>Outcomes by id.</summary>
    public ConcurrentDictionary<string, Truth> Outcomes { get; } = new();

    internal sealed record Sent(string Id, string Device)
    {
        public volatile bool Acknowledged;
    }

    internal sealed record Asked(string RequestId, string Device, double Load)
    {
        /// <summary>The answer; null while none came.</summary>
        public volatile string? Answer;
    }

    internal sealed record Truth(string Id, string PredictionId, bool Broken)
    {
        public volatile bool Acknowledged;
    }
}
