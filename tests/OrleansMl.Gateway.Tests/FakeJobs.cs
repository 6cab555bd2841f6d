using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using OrleansMl.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Gateway.Tests;

/// <summary>Jobs in memory, moved on by the test.</summary>
internal sealed class FakeJobs : IJobService
{
    private readonly ConcurrentDictionary<string, JobStatus> _jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<JobLogRow>> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _changed = new(StringComparer.Ordinal);

    public FakeJobs()
    {
        Add("failed", JobState.Failed);
        Add("succeeded", JobState.Succeeded);
        Say("failed", "It is odd.");
    }

    public JobStatus Add(string id, JobState state = JobState.Queued) => _jobs[id] = new JobStatus
    {
        Id = id,
        Spec = new JobSpec { Kind = "batchPredict", Model = "electricity", Version = 2, Dataset = "d1", Params = """{"keep":["a"]}""", By = "api" },
        State = state,
        Created = Samples.Time,
        Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("rows", 3).Add("pace", double.NaN),
        Transitions = 1,
        Error = state == JobState.Failed ? OmlError.Invalid("Row 3 is odd.", "row_failed") with { Faults = [new OmlFault("odd", "It is odd.") { Line = 4 }] } : null,
        Result = state == JobState.Succeeded ? """{"dataset":"d2","rows":3}""" : null,
    };

    public void Change(string id, Func<JobStatus, JobStatus> change)
    {
        _jobs[id] = change(_jobs[id]) with { Revision = _jobs[id].Revision + 1 };
        if (_changed.TryRemove(id, out var waiting))
            waiting.SetResult();
    }

    public void Say(string id, string text)
    {
        var line = new JobLogRow(_jobs[id].LogSequence + 1, Samples.Time, "information", text);
        _logs.AddOrUpdate(id, [line], (_, lines) => lines.Add(line));
        Change(id, job => job with { LogSequence = line.Sequence });
    }

    public Task<OmlResult<JobStatus>> CreateAsync(JobSpec spec, CancellationToken cancellationToken) => Task.FromResult<OmlResult<JobStatus>>(spec.Model == "nothing"
        ? OmlError.NotFound("unknown_model", "There is no model 'nothing'.")
        : _jobs["made"] = Add("made") with { Spec = spec });

    public Task<OmlResult<JobStatus>> CreateAsync(string id, JobSpec spec, CancellationToken cancellationToken) => CreateAsync(spec, cancellationToken);

    public Task<OmlResult<JobStatus>> GetAsync(string id, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<JobStatus>>(_jobs.TryGetValue(id, out var job) ? job : OmlError.NotFound("unknown_job", $"There is no job '{id}'."));

    public Task<IReadOnlyList<JobStatus>> ListAsync(JobFilter filter, int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<JobStatus>>(
        [.. _jobs.Values.Where(j => (filter.State ?? JobJsonName(j.State)) == JobJsonName(j.State) && (filter.BeforeId is null || string.CompareOrdinal(j.Id, filter.BeforeId) < 0)).OrderByDescending(j => j.Id, StringComparer.Ordinal).Take(limit)]);

    public async Task<OmlResult<JobStatus>> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (_jobs.TryGetValue(id, out var job) && job is { IsFinal: true, State: not JobState.Cancelled })
            return OmlError.Conflict("It has ended.", "succeeded", "job_ended");
        if (job is not null)
            Change(id, j => j with { State = JobState.Cancelled, Transitions = j.Transitions + 1 });
        return await GetAsync(id, cancellationToken);
    }

    public async Task<OmlResult<JobStatus>> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var found = await GetAsync(id, cancellationToken);
        if (!found.TryGet(out var job, out _))
            return found;
        if (!job.IsFinal)
            return OmlError.Conflict("It has not ended.", "queued", "job_open");
        _jobs.TryRemove(id, out _);
        return job;
    }

    public async Task<OmlResult<JobStatus>> RepeatAsync(string id, string by, CancellationToken cancellationToken)
    {
        var found = await GetAsync(id, cancellationToken);
        return found.IsSuccess ? Add("again") with { Spec = found.Value.Spec with { RepeatOf = id, By = by } } : found;
    }

    public async Task<OmlResult<JobReport>> GetManifestAsync(string id, CancellationToken cancellationToken)
    {
        var found = await GetAsync(id, cancellationToken);
        if (!found.TryGet(out var job, out var error))
            return error;
        return new JobReport(new JobManifest(job, [new JobAttempt(1, "S1", Samples.Time, null, null)]), FakeDatasets.Record("d1"), Samples.Simple with { Digest = "abc" });
    }

    public Task<OmlResult<ImmutableArray<JobLogRow>>> ReadLogAsync(string id, long after, int limit, CancellationToken cancellationToken) => Task.FromResult<OmlResult<ImmutableArray<JobLogRow>>>(
        _jobs.ContainsKey(id) ? _logs.GetValueOrDefault(id, []).Where(l => l.Sequence > after).Take(limit).ToImmutableArray() : OmlError.NotFound("unknown_job", "There is none."));

    public async Task<OmlResult<JobStatus>> WaitAsync(string id, long knownRevision, CancellationToken cancellationToken)
    {
        var changed = _changed.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_jobs[id].Revision == knownRevision)
            await changed.Task.WaitAsync(cancellationToken);
        return _jobs[id];
    }

    private static string JobJsonName(JobState state) => state.ToString().ToLowerInvariant();
}

/// <summary>Data sets in memory: what was uploaded last is <c>d1</c>.</summary>
internal sealed class FakeDatasets : IDatasetService
{
    public byte[] Content { get; private set; } = "a,b\n1,2\n3,4\n"u8.ToArray();

    public DatasetUpload? Last { get; private set; }

    public static DatasetRecord Record(string id) => new()
    {
        Id = id,
        Format = "csv",
        Rows = 2,
        Bytes = 12,
        Hash = new string('a', 64),
        Columns = [new DatasetColumn("a", "int", 0), new DatasetColumn("b", "float", 1)],
        Created = Samples.Time,
        Name = "rows.csv",
        Kind = DatasetRecord.SentKind,
        Sequence = 1,
    };

    public async Task<OmlResult<JobStatus>> UploadAsync(DatasetUpload upload, CancellationToken cancellationToken)
    {
        Last = upload;
        using var bytes = new MemoryStream();
        await upload.Content.CopyToAsync(bytes, cancellationToken);
        if (Encoding.UTF8.GetString(bytes.ToArray()).Contains("bad", StringComparison.Ordinal))
            return OmlError.Invalid("Line 3: the row has 1 cells, the header 2.", "malformed_csv") with { Faults = [new OmlFault("malformed_csv", "Line 3: …") { Line = 3 }] };
        if (bytes.Length > 1000)
            return new OmlError("too_large", 413, "The file has more than 1000 bytes.");
        Content = bytes.ToArray();
        return new JobStatus { Id = "j1", Spec = new JobSpec { Kind = "dataset", Dataset = "d1", By = upload.By }, State = JobState.Succeeded, Created = Samples.Time, Attempt = 1, Result = """{"dataset":"d1"}""" };
    }

    public Task<OmlResult<DatasetRecord>> GetAsync(string id, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<DatasetRecord>>(id == "d1" ? Record(id) with { Bytes = Content.Length } : OmlError.NotFound("unknown_dataset", $"There is no data set '{id}'."));

    /// <summary>Data sets by id beside <c>d1</c>, which a version was learned from.</summary>
    public SortedDictionary<string, DatasetRecord> Others { get; } = new(StringComparer.Ordinal);

    public async Task<OmlResult<DatasetOverview>> DescribeAsync(string id, CancellationToken cancellationToken) =>
        Others.TryGetValue(id, out var other) ? new DatasetOverview(other, [])
            : (await GetAsync(id, cancellationToken)).TryGet(out var record, out var error) ? new DatasetOverview(record, [new ModelVersionId("electricity", 2)]) : error;

    public async Task<IReadOnlyList<DatasetOverview>> ListAsync(DatasetFilter filter, int limit, CancellationToken cancellationToken)
    {
        List<DatasetOverview> all = [(await DescribeAsync("d1", cancellationToken)).Value, .. Others.Values.Select(record => new DatasetOverview(record, []))];
        return [.. all.Where(one => (filter.Kind ?? one.Dataset.Kind) == one.Dataset.Kind && (filter.Model ?? one.Dataset.Model) == one.Dataset.Model && one.Dataset.Sequence < (filter.Before ?? long.MaxValue))
            .OrderByDescending(one => one.Dataset.Sequence).Take(limit)];
    }

    public async Task<OmlResult<DatasetOverview>> DeleteAsync(string id, bool force, CancellationToken cancellationToken)
    {
        var found = await DescribeAsync(id, cancellationToken);
        if (id == "d1" && !force)
            return OmlError.Conflict("Version 2 of model 'electricity' was learned from it.", "electricity/2", "dataset_named");
        Others.Remove(id);
        return found;
    }

    public Task<OmlResult<Stream>> OpenAsync(string id, CancellationToken cancellationToken) => Task.FromResult<OmlResult<Stream>>(new MemoryStream(Content));
}
