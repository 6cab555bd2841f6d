using OrleansMl.Declaration;

namespace OrleansMl.Cli.Tests;

/// <summary>Small applications, read as files are.</summary>
internal static class TestApplications
{
    public const string Market = """
        apiVersion: orleansml/v1
        kind: Application
        name: market
        clock: event
        entities: [{name: market}]
        events:
          - name: tick
            entity: market
            fields:
              price: {type: float}
              count: {type: int}
              open:  {type: bool}
              place: {type: string}
              other: {type: float}
        views:
          - name: now
            entity: market
            source: {event: tick}
            features:
              price: {agg: last, field: price}
              lag:   {agg: last, field: price, offset: 1}
        models:
          - name: up-model
            entity: market
            inputs: {day: {type: int}}
            features: [now:*]
            pipeline: [{impute: {columns: all, strategy: mean}}]
            target: {name: up, type: binary, classes: [DOWN, UP], window: 2h, default: none}
            learner: {type: logistic_regression}
            postprocess: [{threshold: {at: 0.6, below: DOWN, above: UP}}]
        replay:
          entity: {type: market, id: NSW}
          time: {start: "1996-05-07T00:00:00Z", step: 30m}
          event: tick
          inputs: [day]
          outcome: {target: up, column: class}
        """;

    public const string Bikes = """
        apiVersion: orleansml/v1
        kind: Application
        name: bikes
        clock: wall
        entities: [{name: station}]
        events: [{name: hour, entity: station, fields: {temp: {type: float}}}]
        views:
          - {name: weather, entity: station, source: {event: hour}, features: {temp: {agg: last, field: temp}}}
        models:
          - name: rentals
            entity: station
            features: [weather:*]
            pipeline: [{impute: {columns: all, strategy: mean}}]
            target: {name: cnt, type: regression, window: 48h, default: none}
            learner: {type: linear_regression}
        replay:
          entity: {type: station, column: station}
          time: {column: at}
          event: hour
          outcome: {target: cnt, column: cnt}
        """;

    public static ApplicationDefinition Read(string text)
    {
        var result = ApplicationReader.Read(text);
        Assert.True(result.IsValid, string.Join("\n", result.Faults));
        return result.Definition;
    }
}
