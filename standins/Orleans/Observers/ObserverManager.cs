using System.Collections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Utilities;

/// <summary>Observers by their reference.</summary>
public class ObserverManager<TObserver>(TimeSpan expiration, ILogger log) : ObserverManager<IAddressable, TObserver>(expiration, log);

/// <summary>Observers that expire unless they subscribe anew. One that fails is removed.</summary>
public class ObserverManager<TIdentity, TObserver>(TimeSpan expiration, ILogger log) : IEnumerable<TObserver>
    where TIdentity : notnull
{
    private readonly Dictionary<TIdentity, (TObserver Observer, DateTime LastSeen)> _observers = [];

    public Func<DateTime> GetDateTime { get; set; } = () => DateTime.UtcNow;

    public TimeSpan ExpirationDuration { get; set; } = expiration;

    public int Count => _observers.Count;

    public IReadOnlyDictionary<TIdentity, TObserver> Observers => _observers.ToDictionary(o => o.Key, o => o.Value.Observer);

    public void Clear() => _observers.Clear();

    public void Subscribe(TIdentity id, TObserver observer) => _observers[id] = (observer, GetDateTime());

    public void Unsubscribe(TIdentity id) => _observers.Remove(id);

    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        var now = GetDateTime();
        List<TIdentity>? defunct = null;
        foreach (var (id, entry) in _observers.ToArray())
        {
            if (IsExpired(entry.LastSeen, now))
            {
                (defunct ??= []).Add(id);
                continue;
            }

            if (predicate is not null && !predicate(entry.Observer))
                continue;
            try
            {
                await notification(entry.Observer);
            }
            catch (Exception error)
            {
                log.LogDebug(error, "Observer {Observer} failed and is removed.", id);
                (defunct ??= []).Add(id);
            }
        }

        Remove(defunct);
    }

    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null)
    {
        var now = GetDateTime();
        List<TIdentity>? defunct = null;
        foreach (var (id, entry) in _observers.ToArray())
        {
            if (IsExpired(entry.LastSeen, now))
            {
                (defunct ??= []).Add(id);
                continue;
            }

            if (predicate is not null && !predicate(entry.Observer))
                continue;
            try
            {
                notification(entry.Observer);
            }
            catch (Exception error)
            {
                log.LogDebug(error, "Observer {Observer} failed and is removed.", id);
                (defunct ??= []).Add(id);
            }
        }

        Remove(defunct);
    }

    public void ClearExpired()
    {
        var now = GetDateTime();
        Remove([.. _observers.Where(o => IsExpired(o.Value.LastSeen, now)).Select(o => o.Key)]);
    }

    public IEnumerator<TObserver> GetEnumerator() => _observers.Values.Select(o => o.Observer).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool IsExpired(DateTime lastSeen, DateTime now) => lastSeen + ExpirationDuration < now;

    private void Remove(List<TIdentity>? ids)
    {
        foreach (var id in ids ?? [])
            _observers.Remove(id);
    }
}
