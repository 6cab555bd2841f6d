using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using OrleansMl.Storage;
using OrleansMl.Streams;
using OrleansMl.Streams.Kafka;

namespace OrleansMl.Silo;

/// <summary>Where a silo's streams lie, and what it puts into them: the section <c>Streams</c> of its configuration.</summary>
internal sealed class StreamSettings
{
    private readonly IConfigurationSection _section;
    private readonly bool _isKafka;
    private readonly StreamPublishing _publishing = new();

    /// <exception cref="StartupException">A value cannot be used; names it and the remedy.</exception>
    public StreamSettings(IConfiguration configuration)
    {
        _section = configuration.GetSection("Streams");
        foreach (var child in _section.GetChildren())
        {
            if (child.Key is not ("Provider" or "Publish" or "Shards" or "Deliver" or "Kafka" or "Bulk"))
                throw new StartupException($"There is no setting Streams:{child.Key}; known are Provider, Publish, Shards, Deliver, Kafka and Bulk.", 2);
        }

        _isKafka = _section["Provider"] switch
        {
            null or "Local" => false,
            "Kafka" => true,
            var other => throw new StartupException($"Streams:Provider is '{other}'; it is Local (the embedded store) or Kafka.", 2),
        };
        _publishing.Namespaces.UnionWith(_section.GetSection("Publish").Exists() ? _section.GetSection("Publish").Get<string[]>() ?? [] : _isKafka ? StreamPublishing.Known : []);
        if (_publishing.Namespaces.Except(StreamPublishing.Known).FirstOrDefault() is { } unknown)
            throw new StartupException($"Streams:Publish names '{unknown}'; what can be published is {string.Join(", ", StreamPublishing.Known)}.", 2);
        Check(() => _publishing.Shards = _section.GetValue("Shards", _publishing.Shards));
        if (_publishing.Shards is < 1 or > 1024)
            throw new StartupException($"Streams:Shards is {_publishing.Shards}; give 1 to 1024.", 2);

        Check(() => Bind("Deliver", new LogStreamOptions()).Validate(OmlStreams.Provider));
        Check(() => Bind("Bulk", new BulkOptions()).Validate());
        if (_isKafka)
            Check(() => KafkaStreamOptionsValidator.Require(BindKafka(new KafkaStreamOptions())));
    }

    /// <summary>Puts the streams into a silo, before <c>AddOrleansMl</c>, which adds local ones where there are none.</summary>
    public void Apply(ISiloBuilder silo)
    {
        silo.Services.Configure<StreamPublishing>(publishing =>
        {
            publishing.Shards = _publishing.Shards;
            publishing.Namespaces.UnionWith(_publishing.Namespaces);
        });
        if (!_isKafka)
        {
            silo.AddLocalStreams(OmlStreams.Provider, options => Bind("Deliver", options));
            return;
        }

        // Dead letters go to the topics beside theirs and, so that the gateway shows them, to the store.
        silo.Services.AddSingleton<IDeadLetterSink>(services => new StoreDeadLetterSink(services.GetRequiredService<IDeadLetterStore>()));
        silo.AddKafkaStreams(OmlStreams.Provider, options => BindKafka(options), options => Bind("Deliver", options));
        silo.AddKafkaBulk(OmlStreams.Provider, options => Bind("Bulk", options));
        silo.AddStreamRelay(OmlStreams.Provider);
    }

    private KafkaStreamOptions BindKafka(KafkaStreamOptions options)
    {
        // Events and outcomes go straight to the grains; predictions are for others to read.
        options.Topics[OmlStreams.Events].Consume = KafkaConsume.Bulk;
        options.Topics[OmlStreams.Outcomes].Consume = KafkaConsume.Bulk;
        options.Topics[OmlStreams.Predictions].Consume = KafkaConsume.None;
        return Bind("Kafka", options);
    }

    private T Bind<T>(string name, T options)
    {
        _section.GetSection(name).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return options;
    }

    private static void Check(Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or Microsoft.Extensions.Options.OptionsValidationException or FormatException)
        {
            throw new StartupException($"Streams: {exception.Message}{(exception.InnerException is { } inner ? " " + inner.Message : "")}", 2);
        }
    }
}
