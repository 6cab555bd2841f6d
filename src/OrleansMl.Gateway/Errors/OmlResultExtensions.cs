namespace OrleansMl.Gateway.Errors;

internal static class OmlResultExtensions
{
    /// <summary>The value, or the end of the request.</summary>
    public static T OrThrow<T>(this OmlResult<T> result) => result.TryGet(out var value, out var error) ? value : throw new ApiException(error);
}
