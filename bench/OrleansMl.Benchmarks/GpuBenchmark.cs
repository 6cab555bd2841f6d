using System.Globalization;
using OrleansMl.Inference;

namespace OrleansMl.Benchmarks;

/// <summary>
/// A model on the CPU, by CUDA and by TensorRT, bound or not, by graphs or not, each against plain ONNX Runtime on the same
/// device: short windows in turn on all of them, so that what else the machine does meets each. Medians over the windows. What
/// cannot be had here is named with the reason.
/// </summary>
internal static class GpuBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var windows = Figures.Option(arguments, "--pairs", 7, 1000);
        var milliseconds = Figures.Option(arguments, "--milliseconds", 400, 60_000);
        var callers = Figures.Option(arguments, "--callers", 1, 256);
        var gpu = Figures.Option(arguments, "--gpu", 0, 63);
        var rows = Figures.Option(arguments, "--rows", 1, 4096);
        var file = Figures.Text(arguments, "--model");
        var network = Figures.Text(arguments, "--network") ?? "small";
        var name = file is null ? $"network {network}" : Path.GetFileName(file);
        var bytes = file is null ? BenchNetworks.Create(network) : await File.ReadAllBytesAsync(file);
        if (bytes is null)
        {
            Console.Error.WriteLine($"--network {network}: there is none; write {BenchNetworks.Names}.");
            return 2;
        }

        var inspected = OnnxModelFile.Inspect(bytes);
        if (!inspected.IsAccepted)
        {
            Console.Error.WriteLine($"--model {file}: {inspected.Detail}");
            return 2;
        }

        if (inspected.File.Signature.Inputs.FirstOrDefault(i => i.Type == TensorType.Bytes) is { } text)
        {
            Console.Error.WriteLine($"--model {file}: input '{text.Name}' is BYTES, which stays on the CPU; give a model of numbers.");
            return 2;
        }

        var only = Figures.Text(arguments, "--only");
        DeviceId[] devices = [.. ((DeviceId[])[DeviceId.Cpu, DeviceId.Cuda(gpu), DeviceId.TensorRt(gpu)]).Where(d => only is null || d.Kind.ToString().Equals(only, StringComparison.OrdinalIgnoreCase))];
        if (devices.Length == 0)
        {
            Console.Error.WriteLine($"--only {only}: write cpu, cuda or tensorrt, or leave it out for all.");
            return 2;
        }

        var gpus = GpuInventory.Gpus;
        Console.Error.WriteLine(gpus.IsEmpty ? "No GPU that NVIDIA's driver shows." : $"GPUs: {string.Join(", ", gpus.Select((g, i) => $"{i} {g}"))}");
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {rows} rows, {callers} callers, {windows} windows of {milliseconds} ms each"));
        var inputs = WarmUp.InputsFor(inspected.File.Signature, rows);
        var groups = new List<Contest>();
        try
        {
            foreach (var device in devices)
            {
                if (GpuInventory.WhyNot(device) is { } why)
                    Console.Error.WriteLine($"{device}: left out. {why}");
                else
                    groups.Add(Contest.On(device, bytes, inputs, rows));
            }

            foreach (var group in groups)
                group.Measure(windows, TimeSpan.FromMilliseconds(milliseconds), callers);
            var results = groups.SelectMany(g => g.Results(rows)).ToList();
            foreach (var r in results)
                Console.WriteLine(FormattableString.Invariant($"{r.Name,-44} {r.Value,12:F1} {r.Unit} plain {r.Baseline,12:F1}  ratio {r.Ratio:F3}"));
            Console.WriteLine(BenchResults.Write("gpu", results));
            return 0;
        }
        finally
        {
            foreach (var group in groups)
                group.Dispose();
        }
    }
}
