using System.Globalization;
using Grpc.Core;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.OpenInference;
using OrleansMl.Protocol;

namespace OrleansMl.Gateway.Grpc;

/// <summary>The protocol's extensions over gRPC.</summary>
internal sealed partial class GrpcInferenceService
{
    public override async Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context)
        => new() { Config = (await DescribeAsync(request.Name, request.Version, context).ConfigureAwait(false)).Config.Message };

    public override async Task<ModelStatisticsResponse> ModelStatistics(ModelStatisticsRequest request, ServerCallContext context)
        => await statistics.ReadAsync(request.Name.Length == 0 ? null : request.Name, InferenceDataPlane.ReadVersion(request.Version), context.CancellationToken).ConfigureAwait(false);

    public override async Task<RepositoryIndexResponse> RepositoryIndex(RepositoryIndexRequest request, ServerCallContext context)
    {
        DemandDefault(request.RepositoryName);
        var entries = await repository.IndexAsync(context.CancellationToken).ConfigureAwait(false);
        return new RepositoryIndexResponse
        {
            Models =
            {
                entries.Where(e => e.IsReady || !request.Ready).Select(e => new RepositoryIndexResponse.Types.ModelIndex
                {
                    Name = e.Model,
                    Version = e.Version?.ToString(CultureInfo.InvariantCulture) ?? "",
                    State = e.IsReady ? "READY" : "UNAVAILABLE",
                    Reason = e.Reason,
                }),
            },
        };
    }

    public override async Task<RepositoryModelLoadResponse> RepositoryModelLoad(RepositoryModelLoadRequest request, ServerCallContext context)
    {
        DemandDefault(request.RepositoryName);
        var parameters = new RepositoryParameters();
        foreach (var (name, value) in request.Parameters)
        {
            var isBytes = value.ParameterChoiceCase == ModelRepositoryParameter.ParameterChoiceOneofCase.BytesParam;
            parameters.Add(name, value.ParameterChoiceCase == ModelRepositoryParameter.ParameterChoiceOneofCase.StringParam ? value.StringParam : null, isBytes ? value.BytesParam.Memory : null);
        }

        (await repository.LoadAsync(request.ModelName, parameters.Load, context.CancellationToken).ConfigureAwait(false)).OrThrow();
        return new RepositoryModelLoadResponse();
    }

    public override async Task<RepositoryModelUnloadResponse> RepositoryModelUnload(RepositoryModelUnloadRequest request, ServerCallContext context)
    {
        DemandDefault(request.RepositoryName);
        InferenceDataPlane.DemandName(request.ModelName);
        (await repository.UnloadAsync(request.ModelName, IsWithDependents(request), context.CancellationToken).ConfigureAwait(false)).OrThrow();
        return new RepositoryModelUnloadResponse();
    }

    public override async Task<TraceSettingResponse> TraceSetting(TraceSettingRequest request, ServerCallContext context)
    {
        var model = request.ModelName.Length == 0 ? null : request.ModelName;
        if (model is not null)
            await plane.DescribeAsync(model, null, context.CancellationToken).ConfigureAwait(false);
        if (request.Settings.Count > 0)
            traces.Update(model, request.Settings.ToDictionary(s => s.Key, s => (IReadOnlyList<string>)s.Value.Value, StringComparer.Ordinal));
        var response = new TraceSettingResponse();
        foreach (var (name, values) in traces.Read(model))
            response.Settings[name] = new TraceSettingResponse.Types.SettingValue { Value = { values } };
        return response;
    }

    public override Task<LogSettingsResponse> LogSettings(LogSettingsRequest request, ServerCallContext context)
    {
        if (request.Settings.Count > 0)
        {
            logs.Update(request.Settings.ToDictionary(s => s.Key, s => s.Value.ParameterChoiceCase switch
            {
                LogSettingsRequest.Types.SettingValue.ParameterChoiceOneofCase.BoolParam => s.Value.BoolParam,
                LogSettingsRequest.Types.SettingValue.ParameterChoiceOneofCase.Uint32Param => (object)(long)s.Value.Uint32Param,
                LogSettingsRequest.Types.SettingValue.ParameterChoiceOneofCase.StringParam => s.Value.StringParam,
                _ => null,
            }, StringComparer.Ordinal));
        }

        var response = new LogSettingsResponse();
        foreach (var (name, value) in logs.Read())
        {
            response.Settings[name] = value switch
            {
                bool truth => new LogSettingsResponse.Types.SettingValue { BoolParam = truth },
                int number => new LogSettingsResponse.Types.SettingValue { Uint32Param = (uint)number },
                _ => new LogSettingsResponse.Types.SettingValue { StringParam = (string)value },
            };
        }

        return Task.FromResult(response);
    }

    public override Task<SystemSharedMemoryStatusResponse> SystemSharedMemoryStatus(SystemSharedMemoryStatusRequest request, ServerCallContext context) => throw NoSharedMemory();

    public override Task<SystemSharedMemoryRegisterResponse> SystemSharedMemoryRegister(SystemSharedMemoryRegisterRequest request, ServerCallContext context) => throw NoSharedMemory();

    public override Task<SystemSharedMemoryUnregisterResponse> SystemSharedMemoryUnregister(SystemSharedMemoryUnregisterRequest request, ServerCallContext context) => throw NoSharedMemory();

    public override Task<CudaSharedMemoryStatusResponse> CudaSharedMemoryStatus(CudaSharedMemoryStatusRequest request, ServerCallContext context) => throw NoSharedMemory();

    public override Task<CudaSharedMemoryRegisterResponse> CudaSharedMemoryRegister(CudaSharedMemoryRegisterRequest request, ServerCallContext context) => throw NoSharedMemory();

    public override Task<CudaSharedMemoryUnregisterResponse> CudaSharedMemoryUnregister(CudaSharedMemoryUnregisterRequest request, ServerCallContext context) => throw NoSharedMemory();

    private static bool IsWithDependents(RepositoryModelUnloadRequest request)
    {
        if (!request.Parameters.TryGetValue(RepositoryParameters.UnloadDependents, out var value))
            return false;
        return value.ParameterChoiceCase == ModelRepositoryParameter.ParameterChoiceOneofCase.BoolParam
            ? value.BoolParam
            : throw new ApiException(400, "invalid", $"failed to unload: the parameter '{RepositoryParameters.UnloadDependents}' is no bool; send bool_param.");
    }

    // There is one repository; it has no name.
    private static void DemandDefault(string repository)
    {
        if (repository.Length > 0)
            throw new ApiException(404, "unknown_repository", $"There is no repository '{repository}'; there is one, without a name: leave repository_name empty.");
    }

    private static ApiException NoSharedMemory() => new(501, "unsupported", SharedMemoryOperations.Reason);
}
