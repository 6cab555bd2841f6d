using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Declaration;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Wire;

namespace OrleansMl.Retraining;

/// <summary>What a retraining fits: a type of trainer, with its parameters.</summary>
/// <param name="Type">One of <see cref="TrainerFactory.Types"/>.</param>
/// <param name="Parameters">double, bool or string by name.</param>
internal sealed record RetrainTrainer(string Type, ImmutableSortedDictionary<string, object> Parameters)
{
    private static readonly MemberTable s_table = new("type", "params");

    /// <summary>
    /// As the model declares it, with its search and its program; null: the job names another. A program comes from the application alone, which an administrator applies,
    /// never with a job.
    /// </summary>
    public TrainerDefinition? Declared { get; init; }

    /// <summary>With what the model declares of it: its program, and the search where the parameters are the declared ones.</summary>
    public RetrainTrainer With(TrainerDefinition? declared)
    {
        if (declared is null || declared.Type != Type)
            return this;
        var isSame = declared.Params.Count == Parameters.Count && declared.Params.All(entry => Parameters.TryGetValue(entry.Key, out var value) && value.Equals(entry.Value));
        return this with { Declared = isSame ? declared : declared with { Tune = null } };
    }

    public static OmlResult<RetrainTrainer> Read(string json) => JobValues.Parse(json, "/trainer", Read);

    /// <summary>Why it cannot learn such a target; null: it can.</summary>
    public OmlError? WhyNot(int classes)
    {
        if (Type == TrainerDefinition.CommandType)
            return Declared is not null ? null : Fault("no_command", "/trainer/type", "The model declares no trainer of type command, and a job cannot bring a program; declare it in the application.");
        if (TrainerFactory.Find(Type) is not { } kind)
            return Fault("unknown_trainer", "/trainer/type", $"There is no trainer '{Type}' (available: {string.Join(", ", TrainerFactory.Types)}).");
        if (!kind.Learns(classes))
            return Fault("unfit_trainer", "/trainer/type", $"{Type} does not learn {(classes == 0 ? "values" : $"{classes} classes")}; these do: {string.Join(", ", TrainerFactory.Kinds.Where(other => other.Learns(classes)).Select(other => other.Name))}.");
        try
        {
            kind.CheckParameters(classes, Parameters);
            return null;
        }
        catch (LearnerException exception)
        {
            return Fault("invalid_parameter", "/trainer/params", exception.Message);
        }
    }

    /// <summary>As a job has it.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Dictionary<string, object> { ["type"] = Type, ["params"] = Parameters });

    private static RetrainTrainer Read(ref StrictReader reader)
    {
        reader.ExpectObject("trainer");
        ulong seen = 0;
        string? type = null;
        var parameters = ImmutableSortedDictionary<string, object>.Empty;
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            if (member == 0)
                type = reader.ReadString("type");
            else if (!reader.IsNull)
                parameters = ReadParameters(ref reader);
        }

        return type is null ? throw reader.Missing("type", $"one of {string.Join(", ", TrainerFactory.Types)}") : new RetrainTrainer(type, parameters);
    }

    private static ImmutableSortedDictionary<string, object> ReadParameters(ref StrictReader reader)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in BodyValues.ReadValues(ref reader, "params"))
        {
            read[name] = value.Kind switch
            {
                ScalarKind.Number => value.AsNumber(),
                ScalarKind.Bool => value.AsNumber() != 0,
                ScalarKind.Text => value.AsText()!,
                _ => throw reader.Fault("invalid", $"Parameter '{name}' is null; give a number, true, false or a word, or leave it out."),
            };
        }

        return read.ToImmutable();
    }

    private static OmlError Fault(string code, string pointer, string detail) => OmlError.Invalid(detail, code) with { Faults = [new OmlFault(code, detail) { Pointer = pointer }] };
}
