using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>A reference to a grain or an observer: base of the emitted proxies.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>, IFormattable
{
    internal GrainReference(CallRuntime caller, GrainId grainId, Type? interfaceType)
    {
        Caller = caller;
        GrainId = grainId;
        Interface = interfaceType;
    }

    public GrainId GrainId { get; }

    public GrainInterfaceType InterfaceType => Interface is null ? default : GrainTypes.NameOf(Interface);

    public ushort InterfaceVersion => 0;

    public virtual string InterfaceName => Interface?.FullName ?? "";

    /// <summary>The side that calls through this reference: a silo or a client.</summary>
    internal CallRuntime Caller { get; }

    internal Type? Interface { get; }

    public virtual TGrainInterface Cast<TGrainInterface>()
        where TGrainInterface : IAddressable => this.AsReference<TGrainInterface>();

    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    public sealed override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    public override string ToString() => $"GrainReference:{GrainId}:{Interface?.Name}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public static bool operator ==(GrainReference? left, GrainReference? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(GrainReference? left, GrainReference? right) => !(left == right);

    internal Task<TResult> CallTask<TResult>(MethodShape shape, object?[] arguments) => Caller.CallAsync((MethodShape<TResult>)shape, arguments, this);

    internal Task CallPlainTask(MethodShape shape, object?[] arguments) => Caller.CallAsync((MethodShape<Nothing>)shape, arguments, this);

    internal ValueTask<TResult> CallValueTask<TResult>(MethodShape shape, object?[] arguments) =>
        new(Caller.CallAsync((MethodShape<TResult>)shape, arguments, this));

    internal ValueTask CallPlainValueTask(MethodShape shape, object?[] arguments) =>
        new(Caller.CallAsync((MethodShape<Nothing>)shape, arguments, this));

    internal void CallVoid(MethodShape shape, object?[] arguments) => _ = Caller.CallAsync((MethodShape<Nothing>)shape, arguments, this);

    internal IAsyncEnumerable<TResult> CallEnumerable<TResult>(MethodShape shape, object?[] arguments) =>
        new GrainEnumerable<TResult>((MethodShape<TResult>)shape, Caller.CopyArguments(shape, arguments), this);

    internal static MethodShape ShapeOf(MethodShape[] shapes, int index, Type[] typeArguments) =>
        GenericShapes.Of(shapes[index], typeArguments);
}
