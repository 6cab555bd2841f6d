using Orleans.Core.Internal;

namespace Orleans.Core.Internal
{
    /// <summary>An activation that keeps track of open sections of call-chain reentrancy.</summary>
    public interface ICallChainReentrantGrainContext
    {
        void OnEnterReentrantSection(Guid reentrancyId);

        void OnExitReentrantSection(Guid reentrancyId);
    }
}

namespace Orleans.Runtime
{
    /// <summary>Values that travel with a call chain. A callee's changes do not come back.</summary>
    public static class RequestContext
    {
        private const string ReentrancyKey = "#CCR";
        private static readonly AsyncLocal<Dictionary<string, object>?> Data = new();

        public static IEnumerable<string> Keys => Data.Value?.Keys ?? Enumerable.Empty<string>();

        public static IEnumerable<KeyValuePair<string, object>> Entries => Data.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

        public static Guid ReentrancyId
        {
            get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
            set
            {
                if (value == Guid.Empty)
                    Remove(ReentrancyKey);
                else
                    Set(ReentrancyKey, value);
            }
        }

        public static object? Get(string key) => Data.Value?.GetValueOrDefault(key);

        public static void Set(string key, object value)
        {
            // Copy on write: an async local shares its value with every flow that branched off before.
            var values = Data.Value is { } old ? new Dictionary<string, object>(old) : new Dictionary<string, object>(1);
            values[key] = value;
            Data.Value = values;
        }

        public static bool Remove(string key)
        {
            if (Data.Value is not { } old || !old.ContainsKey(key))
                return false;
            var values = new Dictionary<string, object>(old);
            values.Remove(key);
            Data.Value = values.Count == 0 ? null : values;
            return true;
        }

        public static void Clear()
        {
            if (Data.Value is not null)
                Data.Value = null;
        }

        public static ReentrancySection AllowCallChainReentrancy()
        {
            var original = ReentrancyId;
            return new ReentrancySection(original, original == Guid.Empty ? Guid.NewGuid() : original);
        }

        public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

        /// <summary>The values as they are; never changed in place, so sharing them is safe.</summary>
        internal static Dictionary<string, object>? Export() => Data.Value;

        internal static void Import(Dictionary<string, object>? values)
        {
            if (!ReferenceEquals(Data.Value, values))
                Data.Value = values;
        }

        internal static Guid ReentrancyIdOf(Dictionary<string, object>? values) =>
            values is not null && values.TryGetValue(ReentrancyKey, out var id) && id is Guid guid ? guid : Guid.Empty;

        /// <summary>A stretch of code whose calls may come back into the grain.</summary>
        public readonly struct ReentrancySection : IDisposable
        {
            private readonly Guid _original;
            private readonly Guid _new;

            public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
            {
                _original = originalReentrancyId;
                _new = newReentrancyId;
                if (_new != _original)
                    ReentrancyId = _new;
                if (_new != Guid.Empty)
                    (RuntimeContext.Current as ICallChainReentrantGrainContext)?.OnEnterReentrantSection(_new);
            }

            public void Dispose()
            {
                if (_new != Guid.Empty)
                    (RuntimeContext.Current as ICallChainReentrantGrainContext)?.OnExitReentrantSection(_new);
                if (_new != _original)
                    ReentrancyId = _original;
            }
        }
    }
}
