using System.Buffers.Binary;
using OrleansMl.Inference;

namespace OrleansMl.Grains.Tests.Ensembles;

/// <summary>A graph of up to 20 steps without circles, listed in any order, and some of its outputs.</summary>
internal sealed record RandomGraph(EnsembleDefinition Definition, IReadOnlyList<string> Wanted)
{
    public static RandomGraph Of(Random random)
    {
        var inputs = Enumerable.Range(0, random.Next(1, 4)).Select(i => $"in{i}").ToList();
        var tensors = inputs.ToList();
        var steps = new List<(string Model, string[] Reads, string[] Writes)>();
        var count = random.Next(1, 21);
        for (var s = 0; s < count; s++)
        {
            // The first steps read every input once.
            var reads = Enumerable.Range(0, random.Next(1, 4)).Select(_ => tensors[random.Next(tensors.Count)]).Concat(s == 0 ? inputs : []).ToArray();
            var writes = Enumerable.Range(0, random.Next(1, 3)).Select(w => $"t{s}_{w}").ToArray();
            steps.Add(($"m{s}", reads, writes));
            tensors.AddRange(writes);
        }

        // What nobody reads is an output, so that every step leads somewhere; and some that are read are too.
        var read = steps.SelectMany(s => s.Reads).ToHashSet();
        string[] outputs = [.. tensors.Except(inputs).Where(t => !read.Contains(t) || random.Next(4) == 0)];
        string[] wanted = [.. outputs.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next())];
        var shuffled = steps.OrderBy(_ => random.Next()).Select(s => (EnsembleStep)EnsembleRunTests.Model(s.Model, string.Join(' ', s.Reads), string.Join(' ', s.Writes)));
        return new RandomGraph(EnsembleRunTests.Define(string.Join(' ', inputs), string.Join(' ', outputs), [.. shuffled]), wanted.Length > 0 ? wanted : outputs);
    }

    /// <summary>Every tensor, computed step by step in the order in which they were made; and the models that the outputs asked for need.</summary>
    public IReadOnlyDictionary<string, long> RunInOrder(IEnumerable<Tensor> inputs, out IReadOnlyCollection<string> needed)
    {
        var values = inputs.ToDictionary(i => i.Name, i => BinaryPrimitives.ReadInt64LittleEndian(i.Data.Span), StringComparer.Ordinal);
        var calls = Definition.Steps.Select(s => ((ModelStep)s).Call).OrderBy(c => int.Parse(c.Model[1..], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        foreach (var call in calls)
        {
            foreach (var (output, tensor) in call.Outputs)
                values[tensor] = EnsembleRunTests.Compute(call.Model, output, call.Inputs.Select(i => values[i.Value]));
        }

        var tensors = Wanted.ToHashSet();
        var models = new List<string>();
        foreach (var call in calls.Reverse().Where(c => c.Outputs.Values.Any(tensors.Contains)))
        {
            models.Add(call.Model);
            tensors.UnionWith(call.Inputs.Values);
        }

        needed = models;
        return values;
    }
}
