using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Routing;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>The shared memory extensions, which are not served: told so in one place, with 501, instead of a route that is not there.</summary>
internal sealed class SharedMemoryOperations : IOperationGroup
{
    public const string Reason = "Shared memory is not served: a gateway need not be on its caller's machine. Send tensors as bytes (binary_tensor_data).";

    public IEnumerable<Operation> Operations
        => new[] { "/v2/systemsharedmemory", "/v2/cudasharedmemory" }.SelectMany(root => (IEnumerable<Operation>)
        [
            Refuse("GET", root + "/status"), Refuse("GET", root + "/region/{region}/status"),
            Refuse("POST", root + "/region/{region}/register"), Refuse("POST", root + "/unregister"), Refuse("POST", root + "/region/{region}/unregister"),
        ]);

    private static Operation Refuse(string method, string path) => new(method, path, GatewayRoles.None, RefuseAsync, "Not served: always 501.") { Errors = [501] };

    private static Task RefuseAsync(HttpContext context) => throw new ApiException(501, "unsupported", Reason);
}
