using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>How the columns of a file become events, inputs and outcomes of an application.</summary>
internal sealed class ReplayPlan
{
    private readonly ReplayDefinition _replay;
    private readonly int? _entityColumn;
    private readonly int? _timeColumn;
    private readonly int _outcomeColumn;

    private ReplayPlan(ApplicationDefinition application, ReplayDefinition replay, ModelDefinition model, Columns columns)
    {
        (_replay, Application, Model) = (replay, application, model);
        Target = new TargetValues(model);
        var definition = application.Events.FirstOrDefault(candidate => candidate.Name == replay.Event)
            ?? throw CommandException.Invalid($"Application '{application.Name}' replays the event '{replay.Event}', which it does not declare.");
        var missing = definition.Fields.FirstOrDefault(field => field.Required && columns.Find(field.Name) is null);
        if (missing is not null)
            throw CommandException.Invalid($"The event '{definition.Name}' requires the field '{missing.Name}', and the data has no such column ({columns}).");
        Fields = [.. definition.Fields.Where(field => columns.Find(field.Name) is not null).Select(field => new BoundColumn(field, columns.Find(field.Name)!.Value))];
        AbsentFields = [.. definition.Fields.Where(field => columns.Find(field.Name) is null).Select(field => field.Name)];
        Inputs =
        [
            .. replay.Inputs.Select(name => new BoundColumn(
                model.Inputs.FirstOrDefault(input => input.Name == name)
                    ?? throw CommandException.Invalid($"replay.inputs names '{name}', which is no input of the model '{model.Name}'."),
                columns.Need(name, "replay.inputs"))),
        ];
        _outcomeColumn = columns.Need(replay.OutcomeColumn, "replay.outcome.column");
        _entityColumn = replay.EntityColumn is { } entity ? columns.Need(entity, "replay.entity.column") : null;
        _timeColumn = replay.TimeColumn is { } time ? columns.Need(time, "replay.time.column") : null;
    }

    public ApplicationDefinition Application { get; }

    public ModelDefinition Model { get; }

    public TargetValues Target { get; }

    public string EventType => _replay.Event;

    public string EntityType => _replay.EntityType;

    public ImmutableArray<BoundColumn> Fields { get; }

    /// <summary>Declared fields that the data has no column for.</summary>
    public ImmutableArray<string> AbsentFields { get; }

    public ImmutableArray<BoundColumn> Inputs { get; }

    /// <summary>
    /// Under an event clock "now" is the event just sent; under a wall clock the time must go with the request.
    /// </summary>
    public bool SendsEventTime => Application.Clock == Clock.Wall;

    /// <exception cref="CommandException">The application has no replay section, or the data lacks a column it names.</exception>
    public static ReplayPlan Create(ApplicationDefinition application, IReadOnlyList<string> header)
    {
        var replay = application.Replay
            ?? throw CommandException.Invalid($"Application '{application.Name}' has no section 'replay', which says how a file becomes events and outcomes.");
        var model = application.Models.FirstOrDefault(candidate => candidate.Target?.Name == replay.OutcomeTarget)
            ?? throw CommandException.Invalid($"No model of the application '{application.Name}' has the target '{replay.OutcomeTarget}' that replay.outcome names.");
        if (model.Candidates is not null)
            throw CommandException.Invalid($"Model '{model.Name}' ranks candidates; replay drives models that answer for one entity.");
        return new(application, replay, model, new Columns(header));
    }

    public string EntityOf(CsvRow row)
    {
        if (_entityColumn is not { } column)
            return _replay.EntityId!;
        var id = row.Cells[column];
        return id.Length > 0 ? id : throw CommandException.Invalid($"{row.File}:{row.Line}: the column '{_replay.EntityColumn}' with the entity's id is empty.");
    }

    /// <summary>Event time (UTC) of row <paramref name="index"/>.</summary>
    public DateTime TimeOf(CsvRow row, long index)
    {
        if (_timeColumn is not { } column)
            return DateTime.SpecifyKind(_replay.Start!.Value, DateTimeKind.Utc) + TimeSpan.FromTicks(_replay.Step!.Value.Ticks * index);
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTime.TryParse(row.Cells[column], CultureInfo.InvariantCulture, Utc, out var time)
            ? time
            : throw CommandException.Invalid($"{row.File}:{row.Line}: the column '{_replay.TimeColumn}' holds '{row.Cells[column]}', a time such as 2012-08-09T10:00:00Z is needed.");
    }

    public double TruthOf(CsvRow row) => Target.Truth(row, _outcomeColumn);

    private sealed class Columns(IReadOnlyList<string> header)
    {
        private readonly Dictionary<string, int> _indices = header.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index);

        public int? Find(string name) => _indices.TryGetValue(name, out var index) ? index : null;

        public int Need(string name, string who) =>
            Find(name) ?? throw CommandException.Invalid($"{who} names the column '{name}', and the data has none such (columns: {this}).");

        public override string ToString() => string.Join(", ", header);
    }
}
