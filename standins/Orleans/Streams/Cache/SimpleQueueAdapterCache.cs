using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Configuration
{
    /// <summary>How many messages a queue's cache holds.</summary>
    public class SimpleQueueCacheOptions
    {
        public const int DEFAULT_CACHE_SIZE = 4096;

        public int CacheSize { get; set; } = DEFAULT_CACHE_SIZE;
    }

    /// <summary>Refuses a cache without room.</summary>
    public class SimpleQueueCacheOptionsValidator : IConfigurationValidator
    {
        private readonly SimpleQueueCacheOptions _options;
        private readonly string _name;

        private SimpleQueueCacheOptionsValidator(SimpleQueueCacheOptions options, string name)
        {
            _options = options;
            _name = name;
        }

        public static IConfigurationValidator Create(IServiceProvider services, string name) =>
            new SimpleQueueCacheOptionsValidator(services.GetOptionsByName<SimpleQueueCacheOptions>(name), name);

        public void ValidateConfiguration()
        {
            if (_options.CacheSize <= 0)
                throw new OrleansConfigurationException($"{nameof(SimpleQueueCacheOptions)} on stream provider {_name} is invalid. {nameof(SimpleQueueCacheOptions.CacheSize)} must be larger than zero");
        }
    }
}

namespace Orleans.Providers.Streams.Common
{
    /// <summary>Gives each queue a <see cref="SimpleQueueCache"/>.</summary>
    public class SimpleQueueAdapterCache(SimpleQueueCacheOptions options, string providerName, ILoggerFactory loggerFactory) : IQueueAdapterCache
    {
        public const string CacheSizePropertyName = "CacheSize";

        private readonly int _size = options.CacheSize;

        public IQueueCache CreateQueueCache(QueueId queueId) =>
            new SimpleQueueCache(_size, loggerFactory.CreateLogger($"{typeof(SimpleQueueCache).FullName}.{providerName}.{queueId}"));
    }
}
