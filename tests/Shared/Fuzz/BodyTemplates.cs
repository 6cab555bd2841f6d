namespace OrleansMl.Testing;

/// <summary>Which body a generated request has.</summary>
public enum BodyKind
{
    Event,
    Outcome,
    Predict,
    FeatureRead,
    Application,
    Infer,
}

/// <summary>
/// Valid bodies to start from, each on one line; <c>{n}</c> stands for a number that makes ids unique. The defaults fit
/// the sample application <c>electricity</c> and the model <c>simple</c>.
/// </summary>
public sealed record BodyTemplates
{
    public string Model { get; init; } = "electricity";

    public string InferModel { get; init; } = "simple";

    public string Event { get; init; } = """{"id":"fuzz-e{n}","entity":{"type":"market","id":"F{n}"},"type":"tick","time":"2026-01-31T08:30:00Z","fields":{"nswprice":0.25,"nswdemand":0.5,"transfer":null}}""";

    public string Outcome { get; init; } = """{"id":"fuzz-o{n}","entity":{"type":"market","id":"F{n}"},"target":"up","time":"2026-01-31T08:30:00Z","value":"UP","source":"test","revision":0}""";

    public string Predict { get; init; } = """{"entity":{"type":"market","id":"F{n}"},"inputs":{"day":3,"period":0.25},"eventTime":"2026-01-31T08:30:00Z","requestId":"fuzz-p{n}","include":["features"]}""";

    public string FeatureRead { get; init; } = """{"entity":{"type":"market","id":"F{n}"},"features":["now:price"],"asOf":"2026-01-31T08:30:00Z"}""";

    public string Application { get; init; } = """{"apiVersion":"orleansml/v1","kind":"Application","name":"fuzz","clock":"event","entities":[{"name":"thing"}],"events":[{"name":"seen","entity":"thing","fields":{"x":{"type":"float"}}}],"views":[{"name":"all","entity":"thing","source":{"event":"seen"},"features":{"n":{"agg":"count"}}}]}""";

    public string Infer { get; init; } = """{"id":"{n}","inputs":[{"name":"INPUT0","shape":[1,16],"datatype":"INT32","data":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},{"name":"INPUT1","shape":[1,16],"datatype":"INT32","data":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}],"outputs":[{"name":"OUTPUT0","parameters":{"binary_data":false}}]}""";

    public string Of(BodyKind kind) => kind switch
    {
        BodyKind.Event => Event,
        BodyKind.Outcome => Outcome,
        BodyKind.Predict => Predict,
        BodyKind.FeatureRead => FeatureRead,
        BodyKind.Application => Application,
        _ => Infer,
    };

    public string PathOf(BodyKind kind) => kind switch
    {
        BodyKind.Event => "/api/v1/events",
        BodyKind.Outcome => "/api/v1/outcomes",
        BodyKind.Predict => $"/api/v1/models/{Model}/predict",
        BodyKind.FeatureRead => "/api/v1/features/read",
        // never applied: what a mutation leaves valid must not change the server under test
        BodyKind.Application => "/api/v1/applications?dryRun=true",
        _ => $"/v2/models/{InferModel}/infer",
    };
}
