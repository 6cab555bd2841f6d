using System.Collections.Immutable;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansMl.Declaration.Yaml;

/// <summary>
/// Text → nodes. Takes one document of plain YAML 1.2 (JSON is a part of it) and refuses what a declaration does not
/// need: aliases and anchors (their expansion is unbounded), tags, several documents, tabs as indentation.
/// </summary>
internal sealed class YamlLoader
{
    private readonly FaultSink _faults;
    private readonly Parser _parser;

    private YamlLoader(string text, FaultSink faults)
    {
        _faults = faults;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The root node; null when there are faults.</summary>
    public static YamlNode? Load(string text, FaultSink faults)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > ApplicationReader.MaxBytes)
        {
            faults.Fault("too_large", "", new Mark(1, 1), $"The file has {bytes} bytes of UTF-8; the limit is {ApplicationReader.MaxBytes}: split it into several applications.");
            return null;
        }

        var source = SourceText.Check(text, faults);
        if (source is null)
            return null;
        try
        {
            return new YamlLoader(source, faults).Document();
        }
        catch (YamlException e)
        {
            faults.Fault("yaml_syntax", "", At(e.Start), $"Not YAML: {OneLine(e.Message)} Correct the syntax here or just before.");
            return null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException or NullReferenceException)
        {
            // The scanner lets a few of its own faults out on malformed text; for the reader of the file they are the same.
            faults.Fault("yaml_syntax", "", new Mark(1, 1), $"Not YAML: the text cannot be scanned ({OneLine(e.Message)}). Check quotes, escapes and brackets.");
            return null;
        }
    }

    private YamlNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            _faults.Fault("yaml_empty", "", new Mark(1, 1), "The file is empty; begin with `apiVersion: orleansml/v1`.");
            return null;
        }

        var start = _parser.Consume<DocumentStart>();
        if (start.Tags is { } tags && tags.Any(tag => tag.Prefix is not ("!" or "tag:yaml.org,2002:")))
            _faults.Fault("yaml_tag", "", At(start.Start), "The file declares %TAG; remove it: tags are not used.");
        var root = Node(1);
        if (_faults.Any)
            return null;
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<StreamEnd>(out _))
            return root;
        _faults.Fault("yaml_documents", "", At(_parser.Current!.Start), "A second document begins here; one file holds one application: put it into a file of its own.");
        return null;
    }

    private YamlNode? Node(int depth)
    {
        var current = _parser.Consume<ParsingEvent>();
        var mark = At(current.Start);
        if (current is AnchorAlias alias)
        {
            _faults.Fault("yaml_alias", "", mark, $"The alias '*{Excerpt.Of(alias.Value.Value)}' is not allowed; write the value out.");
            return null;
        }

        if (current is not NodeEvent node)
        {
            _faults.Fault("yaml_syntax", "", mark, "A value is missing here.");
            return null;
        }

        if (!node.Anchor.IsEmpty)
        {
            _faults.Fault("yaml_alias", "", mark, $"The anchor '&{Excerpt.Of(node.Anchor.Value)}' is not allowed; remove it and write values out.");
            return null;
        }

        if (!node.Tag.IsEmpty)
        {
            _faults.Fault("yaml_tag", "", mark, $"The tag '{Excerpt.Of(node.Tag.IsNonSpecific ? "!" : node.Tag.Value)}' is not allowed; remove it, quotes make a text.");
            return null;
        }

        if (depth > ApplicationReader.MaxDepth)
        {
            _faults.Fault("yaml_depth", "", mark, $"Nested deeper than {ApplicationReader.MaxDepth} levels; no application needs that: check the brackets.");
            return null;
        }

        return node switch
        {
            Scalar scalar => Leaf(scalar, mark),
            SequenceStart => Sequence(mark, depth),
            _ => Mapping(mark, depth),
        };
    }

    private YamlScalar? Leaf(Scalar scalar, Mark mark)
    {
        // Escapes can make what the text itself may not hold.
        if (SourceText.LoneSurrogate(scalar.Value) < 0)
            return new YamlScalar(mark, scalar.Value, scalar.Style == ScalarStyle.Plain);
        _faults.Fault("yaml_character", "", mark, "The escapes of this text make a lone surrogate; write a whole character.");
        return null;
    }

    private YamlSequence? Sequence(Mark mark, int depth)
    {
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (Node(depth + 1) is not { } item)
                return null;
            items.Add(item);
        }

        return new YamlSequence(mark, items.DrainToImmutable());
    }

    private YamlMapping? Mapping(Mark mark, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<(YamlScalar, YamlNode)>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1);
            if (key is null)
                return null;
            if (key is not YamlScalar scalar)
            {
                _faults.Fault("yaml_syntax", "", key.Mark, "A key is a list or a map; keys are names.");
                return null;
            }

            if (Node(depth + 1) is not { } value)
                return null;
            entries.Add((scalar, value));
        }

        return new YamlMapping(mark, entries.DrainToImmutable());
    }

    private static Mark At(YamlDotNet.Core.Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string OneLine(string message)
    {
        var line = Excerpt.Of(message.ReplaceLineEndings(" "), 200).TrimEnd();
        return line.EndsWith('.') ? line : line + ".";
    }
}
