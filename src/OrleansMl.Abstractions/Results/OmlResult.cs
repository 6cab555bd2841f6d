using System.Diagnostics.CodeAnalysis;

namespace OrleansMl;

/// <summary>A value, or the expected failure that stands in its place.</summary>
[GenerateSerializer, Immutable, Alias("oml.Result`1")]
public readonly record struct OmlResult<T>
{
    [Id(0)] private readonly T? _value;
    [Id(1)] private readonly OmlError? _error;

    private OmlResult(T? value, OmlError? error)
    {
        _value = value;
        _error = error;
    }

    public bool IsSuccess => _error is null;

    /// <summary>The value. Throws when there is none: ask <see cref="IsSuccess"/> or <see cref="TryGet"/> first.</summary>
    public T Value => _error is null ? _value! : throw new InvalidOperationException(_error.Detail);

    public OmlError? Error => _error;

    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out OmlError? error)
    {
        value = _value;
        error = _error;
        return error is null;
    }

    public static implicit operator OmlResult<T>(T value) => new(value, null);

    public static implicit operator OmlResult<T>(OmlError error) => new(default, error);
}
