using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>What all activations of one grain class share.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _factory;
    private readonly ConcurrentDictionary<Type, bool> _implemented = new();
    private readonly (ParameterInfo Parameter, Attribute Facet)[] _facets;

    public GrainClass(GrainType type, Type implementation, GrainCollectionOptions collection)
    {
        Type = type;
        Implementation = implementation;
        Reentrant = implementation.IsDefined(typeof(ReentrantAttribute), inherit: true);
        StatelessWorker = implementation.GetCustomAttribute<StatelessWorkerAttribute>(inherit: true);
        if (implementation.GetCustomAttribute<MayInterleaveAttribute>(inherit: true) is { } interleave)
            MayInterleave = Predicate(implementation, interleave.CallbackMethodName);
        CollectionAge = AgeOf(implementation, collection);
        _facets =
        [
            .. implementation.GetConstructors().FirstOrDefault()?.GetParameters()
                .Select(p => (p, p.GetCustomAttributes().FirstOrDefault(a => a is IFacetMetadata)!))
                .Where(f => f.Item2 is not null) ?? [],
        ];
        _factory = ActivatorUtilities.CreateFactory(implementation, [.. _facets.Select(f => f.Parameter.ParameterType)]);
    }

    public GrainType Type { get; }

    public Type Implementation { get; }

    public bool Reentrant { get; }

    public StatelessWorkerAttribute? StatelessWorker { get; }

    /// <summary>Given the instance (null before it exists) and a call: may it interleave?</summary>
    public Func<object?, IInvokable, bool>? MayInterleave { get; }

    /// <summary>Idle time after which an activation is collected; infinite: never.</summary>
    public TimeSpan CollectionAge { get; }

    public bool Implements(Type contract) => _implemented.GetOrAdd(contract, static (c, t) => c.IsAssignableFrom(t), Implementation);

    /// <exception cref="InvalidOperationException">The constructor threw; its error is the inner one.</exception>
    public object Create(IGrainContext context)
    {
        try
        {
            return Construct(context);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"Failed to create an instance of grain type '{Implementation}'. See InnerException for details.", error);
        }
    }

    private object Construct(IGrainContext context)
    {
        if (_facets.Length == 0)
            return _factory(context.ActivationServices, null);
        var arguments = new object?[_facets.Length];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = Facets.Create(context, _facets[i].Parameter, _facets[i].Facet);
        return _factory(context.ActivationServices, arguments);
    }

    private static TimeSpan AgeOf(Type implementation, GrainCollectionOptions collection)
    {
        if (implementation.IsDefined(typeof(KeepAliveAttribute), inherit: true))
            return Timeout.InfiniteTimeSpan;
        if (implementation.GetCustomAttribute<CollectionAgeLimitAttribute>(inherit: true) is { } limit)
            return limit.AgeLimit;
        return collection.ClassSpecificCollectionAge.TryGetValue(implementation.FullName!, out var own) ? own : collection.CollectionAge;
    }

    private static Func<object?, IInvokable, bool> Predicate(Type implementation, string name)
    {
        var method = implementation.GetMethod(name, BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy);
        if (method is null || method.ReturnType != typeof(bool) || method.GetParameters() is not [{ ParameterType: var parameter }] || parameter != typeof(IInvokable))
            throw new InvalidOperationException($"[MayInterleave(\"{name}\")] on {implementation} needs a method bool {name}(IInvokable).");
        var instance = Expression.Parameter(typeof(object));
        var call = Expression.Parameter(typeof(IInvokable));
        var body = method.IsStatic ? Expression.Call(method, call) : Expression.Call(Expression.Convert(instance, implementation), method, call);
        return Expression.Lambda<Func<object?, IInvokable, bool>>(body, instance, call).Compile();
    }
}
