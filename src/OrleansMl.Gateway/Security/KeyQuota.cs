namespace OrleansMl.Gateway.Security;

/// <summary>
/// How many requests a key may send: a bucket that fills at the rate of <see cref="GatewayKey.RequestsPerSecond"/> up to
/// <see cref="GatewayKey.Burst"/>, and of which each request takes one. Each gateway counts by itself.
/// </summary>
internal sealed class KeyQuota(GatewayKey key, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly double _rate = key.RequestsPerSecond ?? double.PositiveInfinity;
    private readonly double _most = key.Burst ?? Math.Max(1, Math.Ceiling(key.RequestsPerSecond ?? 1));
    private double _left = key.Burst ?? Math.Max(1, Math.Ceiling(key.RequestsPerSecond ?? 1));
    private long _since = time.GetTimestamp();

    /// <summary>Takes one; else, after how long there is one.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (double.IsPositiveInfinity(_rate))
            return true;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(_most, _left + (time.GetElapsedTime(_since, now).TotalSeconds * _rate));
            _since = now;
            if (_left >= 1)
            {
                _left--;
                return true;
            }

            wait = TimeSpan.FromSeconds((1 - _left) / _rate);
            return false;
        }
    }
}
