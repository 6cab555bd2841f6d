using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>What a call of one interface method needs to know, worked out once.</summary>
internal abstract class MethodShape
{
    protected MethodShape(Type interfaceType, MethodInfo method)
    {
        Interface = interfaceType;
        Method = method;
        var parameters = method.GetParameters();
        ParameterTypes = [.. parameters.Select(p => p.ParameterType)];
        ArgumentCopiers = new Copier?[parameters.Length];
        CancellationIndex = -1;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].ParameterType == typeof(CancellationToken))
                CancellationIndex = i;
            else if (!method.IsGenericMethodDefinition && !parameters[i].IsDefined(typeof(ImmutableAttribute)) && !CopyRules.IsIdentity(parameters[i].ParameterType))
                ArgumentCopiers[i] = Copier.For(parameters[i].ParameterType);
        }

        CopiesArguments = ArgumentCopiers.Any(c => c is not null);
        AlwaysInterleave = Has<AlwaysInterleaveAttribute>();
        ReadOnly = Has<ReadOnlyAttribute>();
        OneWay = Has<OneWayAttribute>() || method.ReturnType == typeof(void);
        Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        ActivityName = $"{interfaceType.Name}/{method.Name}";
    }

    public Type Interface { get; }

    public MethodInfo Method { get; }

    public Type[] ParameterTypes { get; }

    public Copier?[] ArgumentCopiers { get; }

    public bool CopiesArguments { get; }

    /// <summary>Index of the CancellationToken parameter, or -1.</summary>
    public int CancellationIndex { get; }

    public bool AlwaysInterleave { get; }

    public bool ReadOnly { get; }

    public bool OneWay { get; }

    public TimeSpan? Timeout { get; }

    public string ActivityName { get; }

    /// <summary>The implementing method of each grain class, for filters.</summary>
    public ConcurrentDictionary<Type, MethodInfo> Implementations { get; } = new();

    public static MethodShape Create(Type interfaceType, MethodInfo method)
    {
        var returns = method.ReturnType;
        Type result;
        if (returns == typeof(Task) || returns == typeof(ValueTask) || returns == typeof(void))
            result = typeof(Nothing);
        else
            result = returns.GetGenericArguments()[0];
        return (MethodShape)Activator.CreateInstance(typeof(MethodShape<>).MakeGenericType(result), interfaceType, method)!;
    }

    public MethodInfo ImplementationIn(Type grainClass) => Implementations.GetOrAdd(grainClass, static (type, shape) =>
    {
        var declaring = shape.Method.DeclaringType!;
        if (!declaring.IsAssignableFrom(type))
            return shape.Method;
        var map = type.GetInterfaceMap(declaring);
        var definition = shape.Method.IsGenericMethod ? shape.Method.GetGenericMethodDefinition() : shape.Method;
        var at = Array.IndexOf(map.InterfaceMethods, definition);
        var found = at >= 0 ? map.TargetMethods[at] : shape.Method;
        return shape.Method.IsGenericMethod && found.IsGenericMethodDefinition ? found.MakeGenericMethod(shape.Method.GetGenericArguments()) : found;
    }, this);

    private bool Has<TAttribute>()
        where TAttribute : Attribute => Method.IsDefined(typeof(TAttribute));
}

/// <summary>The result of a method that has none.</summary>
internal readonly struct Nothing;

/// <summary>A method with its typed invocation.</summary>
internal sealed class MethodShape<TResult> : MethodShape
{
    private readonly Func<object, object?[], Task<TResult>>? _task;
    private readonly Func<object, object?[], ValueTask<TResult>>? _valueTask;
    private readonly Func<object, object?[], Task>? _plainTask;
    private readonly Func<object, object?[], ValueTask>? _plainValueTask;
    private readonly Func<object, object?[], IAsyncEnumerable<TResult>>? _items;
    private readonly Action<object, object?[]>? _void;

    public MethodShape(Type interfaceType, MethodInfo method)
        : base(interfaceType, method)
    {
        var returns = method.ReturnType;
        CopiesResult = !method.ReturnParameter.IsDefined(typeof(ImmutableAttribute)) && !Copier<TResult>.IsIdentity && typeof(TResult) != typeof(Nothing);
        if (returns == typeof(Task<TResult>))
            _task = Compile<Func<object, object?[], Task<TResult>>>();
        else if (returns == typeof(ValueTask<TResult>))
            _valueTask = Compile<Func<object, object?[], ValueTask<TResult>>>();
        else if (returns == typeof(Task))
            _plainTask = Compile<Func<object, object?[], Task>>();
        else if (returns == typeof(ValueTask))
            _plainValueTask = Compile<Func<object, object?[], ValueTask>>();
        else if (returns == typeof(void))
            _void = Compile<Action<object, object?[]>>();
        else
            _items = Compile<Func<object, object?[], IAsyncEnumerable<TResult>>>();
    }

    public bool CopiesResult { get; }

    public ValueTask<TResult> InvokeAsync(object target, object?[] arguments)
    {
        if (_task is not null)
            return new ValueTask<TResult>(_task(target, arguments) ?? throw NullTask());
        if (_valueTask is not null)
            return _valueTask(target, arguments);
        if (_plainTask is not null)
        {
            var task = _plainTask(target, arguments) ?? throw NullTask();
            return task.IsCompletedSuccessfully ? default : AwaitAsync(task);
        }

        if (_plainValueTask is not null)
        {
            var task = _plainValueTask(target, arguments);
            if (!task.IsCompletedSuccessfully)
                return AwaitAsync(task.AsTask());
            task.GetAwaiter().GetResult();
            return default;
        }

        _void!(target, arguments);
        return default;
    }

    public IAsyncEnumerable<TResult> Enumerate(object target, object?[] arguments) => _items!(target, arguments);

    private static async ValueTask<TResult> AwaitAsync(Task task)
    {
        await task;
        return default!;
    }

    private InvalidOperationException NullTask() => new($"{Interface}.{Method.Name} returned null instead of a task.");

    private TDelegate Compile<TDelegate>()
        where TDelegate : Delegate
    {
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var call = Expression.Call(
            Expression.Convert(target, Method.DeclaringType!),
            Method,
            ParameterTypes.Select((type, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), type)));
        return Expression.Lambda<TDelegate>(call, target, arguments).Compile();
    }
}
