using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Versions of a model: register, get, delete, artifact, load, unload.</summary>
internal sealed class VersionsOperations(IControlService control, IOptions<GatewayOptions> options) : IOperationGroup
{
    private const int MaxBoundaryLength = 70;

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/models/{model}/versions", GatewayRoles.Admin, RegisterAsync, "Register an ONNX file as a version.")
        {
            BodyLimit = BodyLimit.Large,
            Request = [new(MediaTypes.Multipart, "VersionUpload"), new(MediaTypes.Octets, "Bytes")],
            Answers = [new(201, "A new version.", "Version"), new(200, "The version that has this digest already.", "Version")],
            Errors = [409, 503],
        },
        new("GET", "/api/v1/models/{model}/versions/{version}", GatewayRoles.Predict, GetAsync, "One version.")
        {
            Answers = [new(200, "The version.", "Version")],
            Errors = [404],
        },
        new("DELETE", "/api/v1/models/{model}/versions/{version}", GatewayRoles.Admin, DeleteAsync, "Remove a version that nothing serves.")
        {
            Answers = [new(200, "The version as it was.", "Version")],
            Errors = [404, 409],
        },
        new("GET", "/api/v1/models/{model}/versions/{version}/artifact", GatewayRoles.Predict, ArtifactAsync, "The version's ONNX file.")
        {
            Answers = [new(200, "The bytes.", "Bytes", MediaTypes.Octets)],
            Errors = [404],
        },
        new("POST", "/api/v1/models/{model}/versions/{version}/load", GatewayRoles.Operate, LoadAsync, "Load a version.")
        {
            Answers = [new(200, "The version as it is now.", "Version")],
            Errors = [404, 409, 503],
        },
        new("POST", "/api/v1/models/{model}/versions/{version}/unload", GatewayRoles.Operate, UnloadAsync, "Drain and unload a version.")
        {
            Answers = [new(200, "The version as it is now.", "Version")],
            Errors = [404, 409],
        },
    ];

    private async Task RegisterAsync(HttpContext context)
    {
        var model = RawPath.Segment(context, 3, 5);
        if (!OrleansMl.Names.IsName(model))
            throw new ApiException(400, "invalid_name", $"The model name '{model}' is not a name; a name matches {OrleansMl.Names.Pattern}.");
        var type = MediaTypes.Of(context);
        RegisterVersion registration;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxLargeBodyBytes).ConfigureAwait(false))
        {
            registration = type switch
            {
                MediaTypes.Multipart => await ReadMultipartAsync(context, body.Memory).ConfigureAwait(false),
                null or MediaTypes.Octets or "application/onnx" or "application/x-onnx" => new RegisterVersion("", body.Span.ToArray()),
                _ => throw MediaTypes.Unsupported(type, "multipart/form-data with artifact and manifest, or the ONNX bytes as application/octet-stream"),
            };
        }

        if (registration.Artifact.IsEmpty)
            throw new ApiException(400, "not_onnx", "The artifact is empty; send the bytes of an ONNX file.");
        var result = (await control.RegisterAsync(registration with { Model = model }, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        context.Response.Headers.Location = $"/api/v1/models/{model}/versions/{result.Version.Manifest.Version}";
        await JsonAnswer.WriteAsync(context, result.Created ? 201 : 200, result.Version, ModelJson.WriteVersion).ConfigureAwait(false);
    }

    private static async Task<RegisterVersion> ReadMultipartAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(context.Request.ContentType).Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength)
            throw new ApiException(400, "invalid", $"The content type multipart/form-data has no boundary of 1 to {MaxBoundaryLength} characters; let your client set it.");
        byte[]? artifact = null, manifest = null;
        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            var reader = new MultipartReader(boundary, stream) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
            while (await reader.ReadNextSectionAsync(context.RequestAborted).ConfigureAwait(false) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                    throw new ApiException(400, "invalid", "A part has no Content-Disposition with a name; name the parts artifact and manifest.");
                var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
                using var content = new MemoryStream();
                await section.Body.CopyToAsync(content, context.RequestAborted).ConfigureAwait(false);
                switch (name)
                {
                    case "artifact" when artifact is null:
                        artifact = content.ToArray();
                        break;
                    case "manifest" when manifest is null:
                        manifest = content.ToArray();
                        break;
                    case "artifact" or "manifest":
                        throw new ApiException(400, "invalid", $"The part '{name}' is given twice; give it once.");
                    default:
                        throw new ApiException(400, "invalid", $"There is no part '{name}' here; known are artifact and manifest.");
                }
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw new ApiException(400, "invalid", $"The multipart body cannot be read: {exception.Message}");
        }

        if (artifact is null)
            throw new ApiException(400, "invalid", "The part artifact is missing; send the ONNX file as 'artifact'.");
        var registration = manifest is null ? new RegisterVersion("", default) : StrictReader.Parse(manifest, VersionManifestBody.Read);
        return registration with { Artifact = artifact };
    }

    private async Task GetAsync(HttpContext context)
        => await AnswerAsync(context, control.GetVersionAsync(RouteValues.Model(context), RouteValues.Version(context), context.RequestAborted)).ConfigureAwait(false);

    private async Task DeleteAsync(HttpContext context)
        => await AnswerAsync(context, control.DeleteVersionAsync(RouteValues.Model(context), RouteValues.Version(context), context.RequestAborted)).ConfigureAwait(false);

    private async Task LoadAsync(HttpContext context)
        => await AnswerAsync(context, control.LoadAsync(RouteValues.Model(context), RouteValues.Version(context), context.RequestAborted)).ConfigureAwait(false);

    private async Task UnloadAsync(HttpContext context)
        => await AnswerAsync(context, control.UnloadAsync(RouteValues.Model(context), RouteValues.Version(context), context.RequestAborted)).ConfigureAwait(false);

    private async Task ArtifactAsync(HttpContext context)
    {
        var (model, version) = (RouteValues.Model(context), RouteValues.Version(context));
        var info = (await control.GetVersionAsync(model, version, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        var bytes = (await control.GetArtifactAsync(model, version, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        context.Response.Headers.ETag = $"\"{info.Manifest.ArtifactSha256}\"";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{info.Manifest.Model}-{version}.onnx\"";
        await JsonAnswer.SendAsync(context, 200, MediaTypes.Octets, bytes).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, Task<OmlResult<ModelVersionInfo>> version)
        => await JsonAnswer.WriteAsync(context, 200, (await version.ConfigureAwait(false)).OrThrow(), ModelJson.WriteVersion).ConfigureAwait(false);
}
