using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>A call: its method and arguments.</summary>
public interface IInvokable : IDisposable
{
    bool IsCancellable => false;

    object? GetTarget();

    void SetTarget(ITargetHolder holder);

    ValueTask<Response> Invoke();

    int GetArgumentCount();

    object? GetArgument(int index);

    void SetArgument(int index, object value);

    string GetMethodName();

    string GetInterfaceName();

    string GetActivityName();

    MethodInfo GetMethod();

    Type GetInterfaceType();

    TimeSpan? GetDefaultResponseTimeout() => null;

    CancellationToken GetCancellationToken() => default;

    bool TryCancel() => false;
}

/// <summary>The outcome of a call.</summary>
public abstract class Response : IDisposable
{
    public static Response Completed { get; } = new Response<object>();

    public abstract object? Result { get; set; }

    public abstract Exception? Exception { get; set; }

    public static Response FromResult<TResult>(TResult value) => new Response<TResult> { TypedResult = value };

    public static Response FromException(Exception exception) => new Response<object> { Exception = exception };

    public abstract T GetResult<T>();

    public virtual void Dispose()
    {
    }

    public override string ToString() => Exception?.ToString() ?? Result?.ToString() ?? "[Null]";
}

/// <summary>The outcome of a call with a result.</summary>
public sealed class Response<TResult> : Response
{
    public TResult? TypedResult { get; set; }

    public override Exception? Exception { get; set; }

    public override object? Result
    {
        get => Exception is null ? TypedResult : throw Exception;
        set => TypedResult = (TResult?)value;
    }

    public override T GetResult<T>() => Exception is null ? (T)(object)TypedResult! : throw Exception;
}
