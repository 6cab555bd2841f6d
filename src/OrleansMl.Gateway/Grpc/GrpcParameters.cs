using Google.Protobuf.Collections;
using OrleansMl.Gateway.OpenInference;
using OrleansMl.Protocol;

namespace OrleansMl.Gateway.Grpc;

/// <summary>Parameters of a message, as the data plane reads them.</summary>
internal static class GrpcParameters
{
    public static ParameterReader Read(MapField<string, InferParameter> parameters)
    {
        var reader = new ParameterReader();
        foreach (var (name, parameter) in parameters)
            reader.Add(name, ValueOf(parameter));
        return reader;
    }

    public static List<RequestedOutput> Outputs(ModelInferRequest request)
    {
        var outputs = new List<RequestedOutput>(request.Outputs.Count);
        foreach (var output in request.Outputs)
        {
            if (outputs.Exists(o => o.Name == output.Name))
                throw new Errors.ApiException(400, "invalid", $"The output '{output.Name}' is asked for twice; ask once.");
            foreach (var parameter in output.Parameters)
                ParameterReader.RefuseSharedMemory(parameter.Key, output.Name);
            var classes = output.Parameters.TryGetValue("classification", out var wanted) ? ParameterReader.Classes(output.Name, ValueOf(wanted)) : 0;
            outputs.Add(new RequestedOutput(output.Name, classes, null));
        }

        return outputs;
    }

    private static object? ValueOf(InferParameter parameter) => parameter.ParameterChoiceCase switch
    {
        InferParameter.ParameterChoiceOneofCase.BoolParam => parameter.BoolParam,
        InferParameter.ParameterChoiceOneofCase.Int64Param => parameter.Int64Param,
        InferParameter.ParameterChoiceOneofCase.StringParam => parameter.StringParam,
        InferParameter.ParameterChoiceOneofCase.DoubleParam => parameter.DoubleParam,
        InferParameter.ParameterChoiceOneofCase.Uint64Param => parameter.Uint64Param,
        _ => null,
    };
}
