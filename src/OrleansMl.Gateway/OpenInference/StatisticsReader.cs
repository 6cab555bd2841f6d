using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Services;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>Counts as the statistics extension names them.</summary>
internal sealed class StatisticsReader(IInferenceService inference, InferenceDataPlane plane)
{
    /// <param name="model">Null: all models.</param>
    /// <param name="version">Null: every version in serving.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ModelStatisticsResponse> ReadAsync(string? model, string? version, CancellationToken cancellationToken)
    {
        var response = new ModelStatisticsResponse();
        foreach (var name in model is null ? inference.ListModels() : [model])
        {
            Services.ServedModel served;
            try
            {
                served = await plane.DescribeAsync(name, version, cancellationToken).ConfigureAwait(false);
            }
            catch (Errors.ApiException) when (model is null)
            {
                // Gone since it was listed.
                continue;
            }

            foreach (var number in version is null ? served.Versions : [served.Manifest.Version])
                response.ModelStats.Add(Of(name, number, await inference.ReadStatisticsAsync(name, number, cancellationToken).ConfigureAwait(false)));
        }

        return response;
    }

    private static ModelStatistics Of(string model, int version, VersionStatistics? statistics)
    {
        var counts = statistics?.Runs;
        var message = new ModelStatistics
        {
            Name = model,
            Version = version.ToString(CultureInfo.InvariantCulture),
            LastInference = (ulong)(counts?.LastInference?.ToUnixTimeMilliseconds() ?? 0),
            InferenceCount = (ulong)(counts?.InferenceCount ?? 0),
            ExecutionCount = (ulong)(counts?.ExecutionCount ?? 0),
            InferenceStats = new InferStatistics
            {
                Success = Duration(counts?.Success),
                Fail = Duration(counts?.Fail),
                Queue = Duration(counts?.Queue),
                ComputeInput = Duration(counts?.ComputeInput),
                ComputeInfer = Duration(counts?.ComputeInfer),
                ComputeOutput = Duration(counts?.ComputeOutput),
                CacheHit = Duration(statistics?.Cache.Hits),
                CacheMiss = Duration(statistics?.Cache.Misses),
            },
        };
        foreach (var batch in counts?.Batches ?? [])
            message.BatchStats.Add(new InferBatchStatistics { BatchSize = (ulong)batch.BatchSize, ComputeInput = Duration(batch.ComputeInput), ComputeInfer = Duration(batch.ComputeInfer), ComputeOutput = Duration(batch.ComputeOutput) });
        return message;
    }

    private static StatisticDuration Duration(DurationCount? time) => time is { } counted ? new() { Count = (ulong)counted.Count, Ns = (ulong)counted.Nanoseconds } : new();
}
