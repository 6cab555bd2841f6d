using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;

namespace Orleans.Runtime;

/// <summary>One activation: its instance, its queue and its turns. Admission is in Activation.Turns.cs, the life in Activation.Life.cs.</summary>
internal sealed partial class Activation : IGrainContext, ICallChainReentrantGrainContext
{
    private readonly Lock _gate = new();
    private readonly ActivationScheduler _scheduler;
    private readonly IServiceScope _scope;
    private readonly ActivationSet _owner;
    private Dictionary<Type, object>? _components;
    private GrainReference? _reference;
    private StagedLifecycle? _lifecycle;

    public Activation(SiloRuntime silo, GrainId id, GrainClass grainClass, ActivationSet owner)
    {
        Silo = silo;
        GrainId = id;
        Class = grainClass;
        _owner = owner;
        _scheduler = new ActivationScheduler(this);
        _scope = silo.Services.CreateScope();
        _lastUsed = silo.Time.GetTimestamp();
    }

    public SiloRuntime Silo { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public ActivationId ActivationId { get; } = ActivationId.NewId();

    public GrainAddress Address => new() { GrainId = GrainId, ActivationId = ActivationId, SiloAddress = Silo.Address };

    public object? GrainInstance { get; private set; }

    public GrainReference GrainReference => _reference ??= new GrainReference(Silo, GrainId, null);

    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => _lifecycle ??= new StagedLifecycle();

    public IWorkItemScheduler Scheduler => _scheduler;

    public object? GetTarget() => GrainInstance;

    public object? GetComponent(Type componentType)
    {
        lock (_gate)
        {
            if (_components?.TryGetValue(componentType, out var component) == true)
                return component;
        }

        if (componentType.IsInstanceOfType(GrainInstance))
            return GrainInstance;
        if (componentType.IsInstanceOfType(this))
            return this;
        return typeof(IGrainExtension).IsAssignableFrom(componentType) ? ActivationServices.GetKeyedService<IGrainExtension>(componentType) : null;
    }

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class
    {
        lock (_gate)
        {
            _components ??= [];
            if (value is null)
                _components.Remove(typeof(TComponent));
            else
                _components[typeof(TComponent)] = value;
        }
    }

    /// <summary>Who answers calls of an interface: the grain, or one of its extensions.</summary>
    public object TargetOf(Type contract, object instance)
    {
        if (Class.Implements(contract))
            return instance;
        if (GetComponent(contract) is { } component)
            return component;
        throw new GrainExtensionNotInstalledException($"Grain '{GrainId}' ({Class.Implementation}) does not implement {contract}, and has no such extension.");
    }

    public void RunOnScheduler(Action<object?> action, object state)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow())
            new Task(action, state).Start(_scheduler);
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"[Activation: {GrainId}{ActivationId} {Class.Implementation.Name} {_state}]";
}
