using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Storage;

namespace Orleans.Core
{
    /// <summary>One stored state.</summary>
    public interface IStorage
    {
        string? Etag { get; }

        bool RecordExists { get; }

        Task ClearStateAsync();

        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        Task ReadStateAsync();

        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();

        Task WriteStateAsync();

        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();
    }

    /// <summary>One stored state of a type. Touched within the activation's turns only.</summary>
    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A state that the engine reads before the grain is activated, and never writes by itself.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Which state, in which store.</summary>
    public interface IPersistentStateConfiguration
    {
        string StateName { get; }

        string? StorageName { get; }
    }

    /// <summary>Asks for a state as a constructor parameter.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute, IFacetMetadata, IPersistentStateConfiguration
    {
        public string StateName { get; } = stateName;

        public string? StorageName { get; } = storageName;
    }

    /// <summary>Makes states.</summary>
    public interface IPersistentStateFactory
    {
        IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration config);
    }

    /// <summary>Makes states over the keyed <see cref="IGrainStorage"/> services.</summary>
    public class PersistentStateFactory : IPersistentStateFactory
    {
        public IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration cfg)
        {
            var services = context.ActivationServices;
            var store = string.IsNullOrWhiteSpace(cfg.StorageName) ? services.GetService<IGrainStorage>() : services.GetKeyedService<IGrainStorage>(cfg.StorageName);
            if (store is null)
            {
                throw new BadProviderConfigException(string.IsNullOrWhiteSpace(cfg.StorageName)
                    ? $"No default storage provider found loading state '{cfg.StateName}' of grain '{context.GrainId}': register one, for example with AddMemoryGrainStorageAsDefault()."
                    : $"No storage provider named '{cfg.StorageName}' found loading state '{cfg.StateName}' of grain '{context.GrainId}': register it, for example with AddMemoryGrainStorage(\"{cfg.StorageName}\").");
            }

            var state = new StoredState<TState>(GetFullStateName(context, cfg), context, store);
            context.ObservableLifecycle.Subscribe(
                $"state {cfg.StateName}",
                GrainLifecycleStage.SetupState,
                token => state.RecordKnown ? Task.CompletedTask : ((IStorage)state).ReadStateAsync(token));
            return state;
        }

        protected virtual string GetFullStateName(IGrainContext context, IPersistentStateConfiguration cfg) => cfg.StateName;
    }
}

namespace Orleans
{
    /// <summary>Fills <see cref="Runtime.PersistentStateAttribute"/> parameters.</summary>
    public class PersistentStateAttributeMapper : Runtime.IAttributeToFactoryMapper<Runtime.PersistentStateAttribute>
    {
        private static readonly MethodInfo Create = typeof(Runtime.IPersistentStateFactory).GetMethod(nameof(Runtime.IPersistentStateFactory.Create))!;

        public Factory<Runtime.IGrainContext, object> GetFactory(ParameterInfo parameter, Runtime.PersistentStateAttribute attribute)
        {
            var type = parameter.ParameterType;
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Runtime.IPersistentState<>))
                throw new ArgumentException($"[PersistentState] parameter '{parameter.Name}' of {parameter.Member.DeclaringType} must be an IPersistentState<T>.");
            var make = Create.MakeGenericMethod(type.GetGenericArguments());
            return context => make.Invoke(
                context.ActivationServices.GetRequiredService<Runtime.IPersistentStateFactory>(),
                BindingFlags.DoNotWrapExceptions,
                null,
                [context, attribute],
                null)!;
        }
    }
}
