namespace OrleansMl.Inference;

/// <summary>The right to use a model until disposed. Disposing again does nothing.</summary>
public sealed class ModelLease<TModel> : IDisposable
    where TModel : class, IDisposable
{
    private readonly TModel _model;
    private ModelHandle<TModel>? _handle;

    internal ModelLease(ModelHandle<TModel> handle, TModel model) => (_handle, _model) = (handle, model);

    /// <summary>The model.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public TModel Model
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _handle) is null, this);
            return _model;
        }
    }

    public void Dispose() => Interlocked.Exchange(ref _handle, null)?.Release();
}
