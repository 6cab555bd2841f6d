using System.Collections.Immutable;
using System.Text;
using OrleansMl.Gateway.Json;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Reads the part <c>manifest</c> of a version to register.</summary>
internal static class VersionManifestBody
{
    private const int MaxTags = 100;

    private static readonly MemberTable Members = new("signature", "pipeline", "postprocess", "parent", "tags");
    private static readonly MemberTable SignatureMembers = new("inputs", "outputs");
    private static readonly MemberTable TensorMembers = new("name", "datatype", "shape");

    /// <summary>The registration; model and artifact are set by the caller.</summary>
    public static RegisterVersion Read(ref StrictReader reader)
    {
        reader.ExpectObject("The manifest");
        var registration = new RegisterVersion("", default);
        ulong seen = 0;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            if (reader.IsNull)
                continue;
            registration = member switch
            {
                0 => WithSignature(registration, ref reader),
                1 => registration with { Pipeline = Encoding.UTF8.GetString(reader.ReadRaw()) },
                2 => registration with { Postprocess = Encoding.UTF8.GetString(reader.ReadRaw()) },
                3 => registration with { Parent = BodyValues.ReadVersion(ref reader, "parent") },
                _ => registration with { Tags = ReadTags(ref reader) },
            };
        }

        return registration;
    }

    private static RegisterVersion WithSignature(RegisterVersion registration, ref StrictReader reader)
    {
        reader.ExpectObject("signature");
        ulong seen = 0;
        for (int member; (member = reader.NextMember(SignatureMembers, ref seen)) >= 0;)
        {
            registration = member == 0
                ? registration with { Inputs = ReadTensors(ref reader, "inputs") }
                : registration with { Outputs = ReadTensors(ref reader, "outputs") };
        }

        return registration;
    }

    private static ImmutableArray<TensorInfo> ReadTensors(ref StrictReader reader, string thing)
    {
        reader.ExpectArray(thing);
        var tensors = ImmutableArray.CreateBuilder<TensorInfo>();
        while (reader.NextElement())
        {
            reader.ExpectObject("A tensor");
            ulong seen = 0;
            string? name = null, datatype = null;
            ImmutableArray<long> shape = default;
            for (int member; (member = reader.NextMember(TensorMembers, ref seen)) >= 0;)
            {
                switch (member)
                {
                    case 0:
                        name = reader.ReadString("The tensor's name");
                        break;
                    case 1:
                        datatype = reader.ReadString("datatype");
                        if (TensorTypeExtensions.FromProtocolName(datatype) is null)
                            throw reader.Fault("invalid", $"datatype is {reader.Excerpt()}; give one of {string.Join(", ", Enum.GetValues<TensorType>().Select(type => type.ToProtocolName()))}.");
                        break;
                    default:
                        shape = ReadShape(ref reader);
                        break;
                }
            }

            if (name is null || datatype is null || shape.IsDefault)
                throw reader.Missing(name is null ? "name" : datatype is null ? "datatype" : "shape", "name, datatype and shape");
            tensors.Add(new TensorInfo(name, datatype, shape));
        }

        return tensors.DrainToImmutable();
    }

    private static ImmutableArray<long> ReadShape(ref StrictReader reader)
    {
        reader.ExpectArray("shape");
        var shape = ImmutableArray.CreateBuilder<long>();
        while (reader.NextElement())
            shape.Add(reader.ReadInt64("A dimension", -1, int.MaxValue));
        return shape.DrainToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> ReadTags(ref StrictReader reader)
    {
        reader.ExpectObject("tags");
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (reader.NextName() is { } name)
        {
            if (tags.ContainsKey(name))
                throw reader.Fault("repeated_member", "A tag is given twice; give it once.");
            if (tags.Count == MaxTags)
                throw reader.Fault("too_large", $"There are more than {MaxTags} tags; give fewer.");
            tags.Add(name, reader.ReadString("A tag's value"));
        }

        return tags.ToImmutable();
    }
}
