namespace Orleans.Serialization;

/// <summary>The objects copied so far within one argument list or result, so that shared and cyclic references stay shared.</summary>
internal sealed class CopyContext
{
    [ThreadStatic]
    private static CopyContext? s_cached;

    private object[] _originals = new object[8];
    private object[] _copies = new object[8];
    private int _count;
    private Dictionary<object, object>? _many;

    public static CopyContext Rent()
    {
        var context = s_cached ?? new CopyContext();
        s_cached = null;
        return context;
    }

    public void Return()
    {
        Array.Clear(_originals, 0, _count);
        Array.Clear(_copies, 0, _count);
        _count = 0;
        _many = null;
        s_cached = this;
    }

    public void Record(object original, object copy)
    {
        if (_many is not null)
        {
            _many[original] = copy;
            return;
        }

        if (_count < _originals.Length)
        {
            _originals[_count] = original;
            _copies[_count++] = copy;
            return;
        }

        _many = new Dictionary<object, object>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < _count; i++)
            _many[_originals[i]] = _copies[i];
        _many[original] = copy;
    }

    public object? Find(object original)
    {
        if (_many is not null)
            return _many.GetValueOrDefault(original);
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_originals[i], original))
                return _copies[i];
        }

        return null;
    }
}
