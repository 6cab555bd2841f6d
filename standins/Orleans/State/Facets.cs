using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>Marks attributes of constructor parameters that the engine fills.</summary>
    public interface IFacetMetadata;

    /// <summary>Makes a value for a parameter.</summary>
    public delegate TInstance Factory<in TParam1, out TInstance>(TParam1 param1);
}

namespace Orleans.Runtime
{
    /// <summary>Fills constructor parameters with a certain attribute.</summary>
    public interface IAttributeToFactoryMapper<in TMetadata>
        where TMetadata : IFacetMetadata
    {
        Factory<IGrainContext, object> GetFactory(ParameterInfo parameter, TMetadata metadata);
    }

    /// <summary>Finds the mapper of an attribute.</summary>
    internal static class Facets
    {
        private static readonly MethodInfo Open = typeof(Facets).GetMethod(nameof(Make), BindingFlags.Static | BindingFlags.NonPublic)!;
        private static readonly ConcurrentDictionary<(IServiceProvider Services, ParameterInfo Parameter), Factory<IGrainContext, object>> Made = new();

        public static object Create(IGrainContext context, ParameterInfo parameter, Attribute facet)
        {
            var services = context.ActivationServices.GetRequiredService<SiloRuntime>().Services;
            var factory = Made.GetOrAdd((services, parameter), static (key, facet) =>
                (Factory<IGrainContext, object>)Open.MakeGenericMethod(facet.GetType()).Invoke(null, [key.Services, key.Parameter, facet])!, facet);
            return factory(context);
        }

        public static void Forget(IServiceProvider services)
        {
            foreach (var key in Made.Keys.Where(k => ReferenceEquals(k.Services, services)))
                Made.TryRemove(key, out _);
        }

        private static Factory<IGrainContext, object> Make<TMetadata>(IServiceProvider services, ParameterInfo parameter, TMetadata metadata)
            where TMetadata : IFacetMetadata
        {
            var mapper = services.GetService<IAttributeToFactoryMapper<TMetadata>>()
                ?? throw new InvalidOperationException($"Nothing fills [{typeof(TMetadata).Name}] parameter '{parameter.Name}' of {parameter.Member.DeclaringType}: register an IAttributeToFactoryMapper<{typeof(TMetadata).Name}>.");
            return mapper.GetFactory(parameter, metadata);
        }
    }
}
