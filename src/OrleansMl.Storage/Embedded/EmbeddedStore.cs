using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Storage.Embedded.Artifacts;
using OrleansMl.Storage.Embedded.Commit;
using OrleansMl.Storage.Embedded.Datasets;
using OrleansMl.Storage.Embedded.Jobs;
using OrleansMl.Storage.Embedded.Logs;
using OrleansMl.Storage.Embedded.Logs.Entities;
using OrleansMl.Storage.Embedded.Monitoring;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Embedded.Streams;

namespace OrleansMl.Storage.Embedded;

/// <summary>
/// All durable data of one process in one folder, without a server: <c>oml.db</c> (SQLite in WAL mode), <c>artifacts/</c> and
/// <c>datasets/</c>.
/// One instance per folder, held by a lock; silos of the same process share it. All writes go through one thread that
/// commits many callers at once; reads run beside it on the callers' threads and see every commit that was acknowledged.
/// </summary>
public sealed class EmbeddedStore : IAsyncDisposable, IDisposable
{
    private readonly DataFolderLock _lock;
    private readonly QueueSignals _signals = new();
    private readonly StreamTrimmer _trimmer;
    private readonly Lazy<bool> _closing;

    private EmbeddedStore(string dataFolder, EmbeddedStoreOptions options, DataFolderLock folderLock, TimeProvider time, ILogger logger)
    {
        DataFolder = dataFolder;
        _lock = folderLock;
        var path = Path.Combine(dataFolder, "oml.db");
        Artifacts = new FileArtifactStore(Path.Combine(dataFolder, "artifacts"));
        var rules = new StreamWriteRules(time, options.KeptStreamNamespaces.ToHashSet(StringComparer.Ordinal));
        var directory = new EntityDirectory();
        var stage = new EntityLogStage(directory, new LogPaging(options.LogBufferBytes));
        Writer = new GroupCommitWriter(() => StoreSchema.OpenForWriting(path, options, rules, logger), options, stage, _signals.Appended, logger);
        Readers = new ReaderPool(path, options.KeptReaders);
        rules = rules with { Queues = CountQueues() };
        _trimmer = new StreamTrimmer(Writer, Readers, rules, options.StreamRetention, logger);
        try
        {
            Writer.RunAsync(session => stage.Replay(session.Database), 1, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch
        {
            Writer.Dispose();
            throw;
        }

        EntityLog = new EmbeddedEntityLog(Writer, Readers, directory, stage);
        Predictions = new EmbeddedPredictionLog(Writer, Readers, rules);
        Streams = new EmbeddedStreamLog(Writer, Readers, _signals, rules, _trimmer);
        DeadLetters = new EmbeddedDeadLetterStore(Writer, Readers);
        Jobs = new EmbeddedJobStore(Writer, Readers);
        Monitoring = new EmbeddedMonitoringStore(Writer, Readers, rules);
        Datasets = new FileDatasetStore(Path.Combine(dataFolder, "datasets"), Writer, Readers);
        _closing = new Lazy<bool>(Close);
        StoreLog.Opened(logger, path, options.Durability);
    }

    /// <summary>The folder, as a full path.</summary>
    public string DataFolder { get; }

    public IEntityLog EntityLog { get; }

    public IPredictionLog Predictions { get; }

    public IStreamLog Streams { get; }

    public IDeadLetterStore DeadLetters { get; }

    public IArtifactStore Artifacts { get; }

    public IJobStore Jobs { get; }

    public IMonitoringStore Monitoring { get; }

    public IDatasetStore Datasets { get; }

    internal GroupCommitWriter Writer { get; }

    internal ReaderPool Readers { get; }

    /// <summary>Opens the store, creating folder and file where they are absent.</summary>
    /// <param name="options">Folder, durability and sizes.</param>
    /// <param name="time">Clock for the note of who holds the folder, and of the times of appending to streams.</param>
    /// <param name="logger">Where failed commits are reported.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="StoreLockedException">Another store holds the folder.</exception>
    /// <exception cref="StoreSchemaException">The file was written by a newer program.</exception>
    /// <exception cref="StoreException">The file cannot be opened.</exception>
    public static EmbeddedStore Open(EmbeddedStoreOptions options, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var folder = Path.GetFullPath(options.DataFolder);
        Directory.CreateDirectory(folder);
        time ??= TimeProvider.System;
        var folderLock = DataFolderLock.Acquire(folder, time);
        try
        {
            return new EmbeddedStore(folder, options, folderLock, time, logger ?? NullLogger.Instance);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Open"/>
    /// <remarks>Off the caller's thread: replaying the log of a killed process takes time.</remarks>
    public static Task<EmbeddedStore> OpenAsync(EmbeddedStoreOptions options, TimeProvider? time = null, ILogger? logger = null)
        => Task.Run(() => Open(options, time, logger));

    /// <summary>Commits what waits, writes the log back into the file and lets the folder go. Calls after it fail.</summary>
    public void Dispose() => _ = _closing.Value;

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync() => await Task.Run(Dispose).ConfigureAwait(false);

    private bool Close()
    {
        _trimmer.Dispose();
        Readers.Dispose();
        Writer.Dispose();
        _signals.ReleaseAll();
        _lock.Dispose();
        return true;
    }

    private int CountQueues()
    {
        using var lease = Readers.Rent();
        using var query = lease.Database.Prepare(StreamSql.CountQueues);
        query.Step();
        return query.GetInt32(0);
    }
}
