using Orleans.Runtime;

namespace Orleans
{
    /// <summary>Something that starts and stops in stages.</summary>
    public interface ILifecycleObservable
    {
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>What happens at a stage.</summary>
    public interface ILifecycleObserver
    {
        Task OnStart(CancellationToken cancellationToken = default);

        Task OnStop(CancellationToken cancellationToken = default);
    }

    /// <summary>A service that takes part in a lifecycle.</summary>
    public interface ILifecycleParticipant<TLifecycleObservable>
        where TLifecycleObservable : ILifecycleObservable
    {
        void Participate(TLifecycleObservable lifecycle);
    }

    public interface ILifecycleSubject : ILifecycleObservable, ILifecycleObserver;

    /// <summary>The lifecycle of a client.</summary>
    public interface IClusterClientLifecycle : ILifecycleObservable;

    /// <summary>Stages of a silo; a stage is complete before the next one starts, and they stop in reverse.</summary>
    public static class ServiceLifecycleStage
    {
        public const int First = int.MinValue;
        public const int RuntimeInitialize = 2000;
        public const int RuntimeServices = 4000;
        public const int RuntimeStorageServices = 6000;
        public const int RuntimeGrainServices = 8000;
        public const int AfterRuntimeGrainServices = 8100;
        public const int ApplicationServices = 10000;
        public const int ValidateInitialConnectivity = 19900;
        public const int GrainDirectoryShutdown = 19997;
        public const int GrainDeactivation = 19998;
        public const int BecomeActive = 19999;
        public const int Active = 20000;
        public const int Last = int.MaxValue;
    }

    /// <summary>Subscribing with functions.</summary>
    public static class LifecycleExtensions
    {
        private static readonly Func<CancellationToken, Task> Nothing = static _ => Task.CompletedTask;

        public static IDisposable Subscribe(this ILifecycleObservable observable, string observerName, int stage, Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) =>
            observable.Subscribe(observerName, stage, new Functions(onStart, onStop ?? Nothing));

        public static IDisposable Subscribe(this ILifecycleObservable observable, string observerName, int stage, Func<CancellationToken, Task> onStart) =>
            observable.Subscribe(observerName, stage, new Functions(onStart, Nothing));

        public static IDisposable Subscribe<TObserver>(this ILifecycleObservable observable, int stage, ILifecycleObserver observer) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, observer);

        public static IDisposable Subscribe<TObserver>(this ILifecycleObservable observable, int stage, Func<CancellationToken, Task> onStart, Func<CancellationToken, Task> onStop) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, new Functions(onStart, onStop));

        public static IDisposable Subscribe<TObserver>(this ILifecycleObservable observable, int stage, Func<CancellationToken, Task> onStart) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, new Functions(onStart, Nothing));

        public static IDisposable Subscribe(this ILifecycleObservable observable, int stage, ILifecycleObserver observer) =>
            observable.Subscribe(observer.GetType().FullName!, stage, observer);

        private sealed class Functions(Func<CancellationToken, Task> onStart, Func<CancellationToken, Task> onStop) : ILifecycleObserver
        {
            public Task OnStart(CancellationToken cancellationToken = default) => onStart(cancellationToken);

            public Task OnStop(CancellationToken cancellationToken = default) => onStop(cancellationToken);
        }
    }
}

namespace Orleans.Runtime
{
    /// <summary>The lifecycle of a silo.</summary>
    public interface ISiloLifecycle : ILifecycleObservable
    {
        int HighestCompletedStage { get; }

        int LowestStoppedStage { get; }
    }

    /// <summary>The lifecycle of an activation.</summary>
    public interface IGrainLifecycle : ILifecycleObservable
    {
        void AddMigrationParticipant(IGrainMigrationParticipant participant);

        void RemoveMigrationParticipant(IGrainMigrationParticipant participant);
    }

    /// <summary>Takes part in a migration; never called here, for there is nowhere to migrate to.</summary>
    public interface IGrainMigrationParticipant
    {
        void OnDehydrate(IDehydrationContext dehydrationContext);

        void OnRehydrate(IRehydrationContext rehydrationContext);
    }

    /// <summary>What leaves with a migrating activation.</summary>
    public interface IDehydrationContext
    {
        IEnumerable<string> Keys { get; }

        void AddBytes(string key, ReadOnlySpan<byte> value);

        bool TryAddValue<T>(string key, T? value);
    }

    /// <summary>What came with a migrated activation.</summary>
    public interface IRehydrationContext
    {
        IEnumerable<string> Keys { get; }

        bool TryGetBytes(string key, out System.Buffers.ReadOnlySequence<byte> value);

        bool TryGetValue<T>(string key, out T? value);
    }

    /// <summary>Stages of an activation.</summary>
    public static class GrainLifecycleStage
    {
        public const int First = int.MinValue;
        public const int SetupState = 1000;
        public const int Activate = 2000;
        public const int Last = int.MaxValue;
    }
}
