using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Inference;

/// <summary>What a model answered, or why the request was rejected.</summary>
public readonly struct BatchAnswer
{
    private readonly IReadOnlyList<Tensor>? _outputs;
    private readonly Rejection? _rejection;

    internal BatchAnswer(IReadOnlyList<Tensor> outputs) => _outputs = outputs;

    internal BatchAnswer(Rejection rejection) => _rejection = rejection;

    /// <summary>True: it ran, and here are its outputs in the order asked for; false: it was rejected.</summary>
    public bool TryGet([NotNullWhen(true)] out IReadOnlyList<Tensor>? outputs, [NotNullWhen(false)] out Rejection? rejection)
    {
        (outputs, rejection) = (_outputs, _rejection);
        return rejection is null && outputs is not null;
    }
}
