using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Protocol;

namespace OrleansMl.Serving;

/// <summary>
/// On which devices, and how, a version runs: its configuration's <c>instance_group</c>, <c>optimization</c> and
/// <c>parameters</c> over the silo's own settings. Pure, but for the number of GPUs where a model means all of them.
/// </summary>
/// <param name="Key">Equal where the sessions are: another configuration with the same key needs no other sessions.</param>
/// <param name="Groups">One session each.</param>
/// <param name="Runs">Runs that go on at once in all of them.</param>
/// <param name="Faults">What cannot be, each with the field, its value and the remedy; the groups then mean nothing.</param>
internal sealed record DevicePlan(string Key, ImmutableArray<SessionGroup> Groups, int Runs, ImmutableArray<string> Faults)
{
    /// <summary>Groups of a configuration, and instances of a group; a plan of more would take the memory that it is to share out.</summary>
    private const int Most = 1024;

    private const string TensorRtName = "tensorrt";
    private const string CudaName = "cuda";

    /// <summary>Reads a completed configuration.</summary>
    public static DevicePlan Of(ServedConfig config, DeviceOptions devices)
    {
        var message = config.Message;
        var faults = new List<string>();
        var accelerators = Accelerators(message, faults);
        var parameters = new ParameterReader(message.Parameters.ToDictionary(p => p.Key, p => p.Value.StringValue, StringComparer.Ordinal), "parameters", faults);
        var cuda = AcceleratorParameters.Cuda(accelerators.Cuda ?? parameters);
        accelerators.Cuda?.RefuseOthers();
        var tensorRt = accelerators.TensorRt is { } reader ? AcceleratorParameters.TensorRt(reader, message.Name, devices) : TensorRtOptions.Default;
        accelerators.TensorRt?.RefuseOthers();
        var options = SessionParameters.Of(message, parameters, new OnnxModelOptions { Fallback = devices.Fallback }, faults) with
        {
            Cuda = cuda with { MemoryLimitBytes = Least(cuda.MemoryLimitBytes, devices.GpuMemoryLimitBytes) },
            TensorRt = config.IsBatched ? tensorRt with { ProfileRows = (TunedRows(message), message.MaxBatchSize) } : tensorRt,
            CudaGraphRows = GraphRows(config, faults),
        };
        faults.AddRange(options.TensorRt.Faults().Select(f => "optimization.execution_accelerators: " + f.TrimEnd('.')));

        var groups = ImmutableArray.CreateBuilder<SessionGroup>();
        var onCpu = 0;
        foreach (var group in GroupsOf(message, faults))
        {
            var count = Math.Max(1, group.Count);
            foreach (var device in DevicesOf(group, devices, accelerators.TensorRt is not null, faults))
            {
                if (!devices.IsAllowed(device))
                    faults.Add($"instance_group '{group.Name}' means {device}, which the server does not allow (Serving:Devices:Allowed: {string.Join(", ", devices.Allowed)})");
                if (!device.IsGpu)
                    onCpu += count;
                for (var i = 0; device.IsGpu && i < count; i++)
                    groups.Add(new SessionGroup(options with { Device = device.ToString() }));
            }
        }

        // A session takes as many runs at once as there are cores for; on a GPU each has its own, or runs would wait for each other there.
        if (onCpu > 0)
            groups.Add(new SessionGroup(options with { CudaGraphRows = [] }, onCpu));
        return new DevicePlan(KeyOf(message, groups, parameters.Used), groups.ToImmutable(), groups.Sum(g => g.Runs), [.. faults]);
    }

    /// <summary>Why a device of the plan cannot be had here, where that is a reason to refuse it; null: none.</summary>
    public string? WhyUnavailable(DeviceOptions devices) => devices.Fallback == DeviceFallback.Cpu ? null : Groups
        .Select(g => g.Options.Device).Distinct(StringComparer.Ordinal)
        .Select(d => DeviceId.TryParse(d, out var device) ? GpuInventory.WhyNot(device) : null)
        .FirstOrDefault(why => why is not null);

    /// <summary>Those whose sizes can be.</summary>
    private static IEnumerable<ModelInstanceGroup> GroupsOf(ModelConfig message, List<string> faults)
    {
        if (message.InstanceGroup.Count > Most)
        {
            faults.Add($"instance_group has {message.InstanceGroup.Count} groups; write at most {Most}");
            return [];
        }

        foreach (var group in message.InstanceGroup.Where(g => g.Count is < 0 or > Most))
            faults.Add($"instance_group '{group.Name}' has count: {group.Count}; write 1 to {Most}");
        foreach (var group in message.InstanceGroup.Where(g => g.Gpus.Count > Most))
            faults.Add($"instance_group '{group.Name}' names {group.Gpus.Count} GPUs; write at most {Most}");
        var instances = message.InstanceGroup.Sum(g => (long)Math.Max(1, g.Count) * Math.Max(1, g.Gpus.Count));
        if (faults.Count == 0 && instances > Most)
            faults.Add($"instance_group means {instances} instances in all; write at most {Most}");
        return faults.Count == 0 ? message.InstanceGroup : [];
    }

    private static IEnumerable<DeviceId> DevicesOf(ModelInstanceGroup group, DeviceOptions devices, bool isTensorRt, List<string> faults)
    {
        if (group.Gpus.FirstOrDefault(g => g < 0, 0) is < 0 and var negative)
            faults.Add($"instance_group '{group.Name}' has gpus: {negative}; write numbers from 0");
        if (group.Gpus.Distinct().Count() < group.Gpus.Count)
            faults.Add($"instance_group '{group.Name}' names a GPU twice (gpus: {string.Join(", ", group.Gpus)}); raise count for several sessions on one");
        switch (group.Kind)
        {
            case ModelInstanceGroup.Types.Kind.Cpu when group.Gpus.Count > 0:
                faults.Add($"instance_group '{group.Name}' has gpus beside KIND_CPU; write KIND_GPU, or leave gpus out");
                return [];
            case ModelInstanceGroup.Types.Kind.Cpu:
                return [DeviceId.Cpu];
            case ModelInstanceGroup.Types.Kind.Model:
                faults.Add($"instance_group '{group.Name}' has KIND_MODEL, but an ONNX graph names no device; write KIND_CPU, KIND_GPU or KIND_AUTO");
                return [];
            case ModelInstanceGroup.Types.Kind.Auto when group.Gpus.Count == 0:
                var silos = devices.DefaultDevice;
                return [silos.Kind == DeviceKind.Cuda && isTensorRt ? DeviceId.TensorRt(silos.Number) : silos];
            default:
                return (group.Gpus.Count > 0 ? [.. group.Gpus] : AllGpus(devices)).Select(n => isTensorRt ? DeviceId.TensorRt(n) : DeviceId.Cuda(n));
        }
    }

    /// <summary>Those that the server allows; where it allows any, those that there are; at least number 0, so that its absence is what is refused.</summary>
    private static int[] AllGpus(DeviceOptions devices)
    {
        int[] allowed = [.. devices.Allowed.Select(a => DeviceId.TryParse(a, out var device) && device.IsGpu ? device.Number : -1).Where(n => n >= 0).Distinct().Order()];
        return allowed.Length > 0 ? allowed : [.. Enumerable.Range(0, Math.Max(1, devices.Allowed.Count > 0 ? 1 : GpuInventory.Gpus.Length))];
    }

    private static (ParameterReader? Cuda, ParameterReader? TensorRt) Accelerators(ModelConfig message, List<string> faults)
    {
        ParameterReader? cuda = null, tensorRt = null;
        foreach (var accelerator in message.Optimization?.ExecutionAccelerators?.GpuExecutionAccelerator ?? [])
        {
            var reader = new ParameterReader(accelerator.Parameters, $"parameters of gpu_execution_accelerator '{accelerator.Name}'", faults);
            if (accelerator.Name is not (CudaName or TensorRtName))
                faults.Add($"gpu_execution_accelerator has the name '{accelerator.Name}'; write {TensorRtName} or {CudaName}");
            else if ((accelerator.Name == CudaName ? cuda : tensorRt) is not null)
                faults.Add($"gpu_execution_accelerator '{accelerator.Name}' is given twice; give it once");
            else if (accelerator.Name == CudaName)
                cuda = reader;
            else
                tensorRt = reader;
        }

        return (cuda, tensorRt);
    }

    /// <summary>Batch sizes to capture: those stated, else those that are warmed.</summary>
    private static ImmutableArray<int> GraphRows(ServedConfig config, List<string> faults)
    {
        var message = config.Message;
        if (message.Optimization?.Cuda is not { } cuda)
            return [];
        var most = Math.Max(1, message.MaxBatchSize);
        foreach (var spec in cuda.GraphSpec.Where(s => s.BatchSize < 1 || s.BatchSize > most))
            faults.Add($"optimization.cuda.graph_spec has batch_size {spec.BatchSize}; write 1 to {most}{(config.IsBatched ? " (max_batch_size)" : "")}");
        if (!cuda.Graphs && cuda.GraphSpec.Count > 0)
            faults.Add("optimization.cuda.graph_spec is given without graphs; write graphs: true, or leave it out");
        return !cuda.Graphs ? []
            : cuda.GraphSpec.Count > 0 ? [.. cuda.GraphSpec.Select(s => s.BatchSize).Distinct().Order()]
            : [.. (message.DynamicBatching?.PreferredBatchSize ?? []).Append(1).Append(most).Where(r => r >= 1 && r <= most).Distinct().Order()];
    }

    private static int TunedRows(ModelConfig message) =>
        message.DynamicBatching?.PreferredBatchSize is { Count: > 0 } preferred ? Math.Clamp(preferred.Max(), 1, message.MaxBatchSize) : message.MaxBatchSize;

    /// <summary>Everything that a session is opened with. Runs of the CPU's session are not: it takes any number.</summary>
    private static string KeyOf(ModelConfig message, IEnumerable<SessionGroup> groups, string parameters)
    {
        var isOnGpu = false;
        var key = new StringBuilder();
        foreach (var device in groups.Select(g => g.Options.Device))
        {
            isOnGpu |= device != "cpu";
            key.Append(device).Append(' ');
        }

        key.Append(message.Optimization).Append(parameters);
        // Graphs and profiles are made for batch sizes.
        return isOnGpu ? key.Append(CultureInfo.InvariantCulture, $" {message.MaxBatchSize} {message.DynamicBatching?.PreferredBatchSize}").ToString() : key.ToString();
    }

    private static long? Least(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
