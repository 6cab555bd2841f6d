using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansMl.Protocol.Configuration;

/// <summary>
/// Reads a model configuration in protobuf text format (<c>config.pbtxt</c>), strictly: what <c>model_config.proto</c> does not
/// list is refused by name, line and column. Pure.
/// </summary>
public sealed class ModelConfigText
{
    private const int MaxDepth = 32;

    private readonly TextTokenizer _tokens;
    private readonly List<string>? _ignored;
    private TextToken _token;

    private ModelConfigText(string text, List<string>? ignored)
    {
        (_tokens, _ignored) = (new TextTokenizer(text), ignored);
        _token = _tokens.Next();
    }

    /// <summary>Reads a configuration.</summary>
    /// <param name="text">Of the file.</param>
    /// <param name="ignored">Null: a field that is not known is refused. Else it is passed over, and named here with its line.</param>
    /// <exception cref="ModelConfigException">A field that is not known, or a value that does not fit; with its place.</exception>
    public static ModelConfig Read(string text, List<string>? ignored = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var config = new ModelConfig();
        var reader = new ModelConfigText(text, ignored);
        reader.ReadFields(config, null, 0, "");
        return config;
    }

    /// <param name="message">Filled.</param>
    /// <param name="end">The mark that ends it; null: the end of the text.</param>
    /// <param name="depth">Of the nesting.</param>
    /// <param name="path">Fields above, with a dot behind each.</param>
    private void ReadFields(IMessage message, char? end, int depth, string path)
    {
        if (depth > MaxDepth)
            throw Fault($"The configuration is nested deeper than {MaxDepth} levels");
        var set = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            if (end is { } mark ? _token.Is(mark) : _token.Kind == TextTokenKind.End)
            {
                Advance();
                return;
            }

            var name = _token;
            if (name.Kind != TextTokenKind.Word)
                throw Fault($"Here stands {name}; write the name of a field{(end is { } e ? $", or '{e}'" : "")}");
            Advance();
            var field = message.Descriptor.FindFieldByName(name.Text);
            if (field is null)
                PassOver(name, path, message.Descriptor);
            else
                ReadField(message, field, name, set, depth, path);
            if (_token.Is(',') || _token.Is(';'))
                Advance();
        }
    }

    private void ReadField(IMessage message, FieldDescriptor field, TextToken name, HashSet<string> set, int depth, string path)
    {
        var full = path + name.Text;
        if (!field.IsRepeated && !set.Add(field.RealContainingOneof is { } oneof ? "oneof " + oneof.Name : name.Text))
        {
            var why = field.RealContainingOneof is { } choice ? $"one of {string.Join(", ", choice.Fields.Select(f => f.Name))} is given already; give one of them" : "is given twice; give it once";
            throw new ModelConfigException(name.Line, name.Column, $"Field '{full}': {why}.");
        }

        var isMessage = field.FieldType == FieldType.Message;
        if (_token.Is(':'))
            Advance();
        else if (!isMessage && !_token.Is('['))
            throw Fault($"After the field '{full}' stands {_token}; write ':' and its value");
        if (field.IsRepeated && _token.Is('['))
        {
            Advance();
            while (!_token.Is(']'))
            {
                ReadOne(message, field, full, depth);
                if (_token.Is(','))
                    Advance();
                else if (!_token.Is(']'))
                    throw Fault($"In the list of '{full}' stands {_token}; write ',' or ']'");
            }

            Advance();
            return;
        }

        ReadOne(message, field, full, depth);
    }

    private void ReadOne(IMessage message, FieldDescriptor field, string full, int depth)
    {
        if (field.IsMap)
            ReadEntry((IDictionary)field.Accessor.GetValue(message), field.MessageType, full, depth);
        else if (field.IsRepeated)
            ((IList)field.Accessor.GetValue(message)).Add(ReadValue(field, full, depth));
        else
            field.Accessor.SetValue(message, ReadValue(field, full, depth));
    }

    private object ReadValue(FieldDescriptor field, string full, int depth)
    {
        if (field.FieldType != FieldType.Message)
            return ReadScalar(field, full);
        var end = OpenMessage(full);
        var value = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        ReadFields(value, end, depth + 1, full + ".");
        return value;
    }

    /// <summary>A map's entry: { key: …, value: … }.</summary>
    private void ReadEntry(IDictionary map, MessageDescriptor entry, string full, int depth)
    {
        var place = _token;
        var end = OpenMessage(full);
        object? key = null, value = null;
        while (!_token.Is(end))
        {
            var name = _token;
            Advance();
            if (name.Text is not ("key" or "value") || name.Kind != TextTokenKind.Word)
                throw new ModelConfigException(name.Line, name.Column, $"In '{full}' stands {name}; an entry is {{ key: …, value: … }}.");
            if (_token.Is(':'))
                Advance();
            if (name.Text == "key")
                key = ReadValue(entry.FindFieldByName("key"), full + ".key", depth);
            else
                value = ReadValue(entry.FindFieldByName("value"), full + ".value", depth);
            if (_token.Is(',') || _token.Is(';'))
                Advance();
        }

        Advance();
        if (key is null || value is null)
            throw new ModelConfigException(place.Line, place.Column, $"An entry of '{full}' lacks its {(key is null ? "key" : "value")}; write {{ key: …, value: … }}.");
        if (map.Contains(key))
            throw new ModelConfigException(place.Line, place.Column, $"The key '{key}' of '{full}' is given twice; give it once.");
        map.Add(key, value);
    }

    private char OpenMessage(string full)
    {
        var end = _token.Is('{') ? '}' : _token.Is('<') ? '>' : throw Fault($"Field '{full}' is {_token}; it holds fields of its own: write '{{ … }}'");
        Advance();
        return end;
    }

    private object ReadScalar(FieldDescriptor field, string full)
    {
        var token = _token;
        if (field.FieldType == FieldType.String)
        {
            if (token.Kind != TextTokenKind.Quoted)
                throw Fault($"Field '{full}' is {token}; write a string in quotes");
            var text = "";
            for (; _token.Kind == TextTokenKind.Quoted; Advance())
                text += _token.Text;
            return text;
        }

        var isNegative = token.Is('-');
        if (isNegative)
            Advance();
        var written = (isNegative ? "-" : "") + _token.Text;
        var value = TextScalars.Read(field, _token, isNegative) ?? throw new ModelConfigException(token.Line, token.Column, $"Field '{full}' is '{written}'; write {TextScalars.Wanted(field)}.");
        Advance();
        return value;
    }

    private void PassOver(TextToken name, string path, MessageDescriptor within)
    {
        if (_ignored is null)
        {
            var known = string.Join(", ", within.Fields.InDeclarationOrder().Select(f => f.Name));
            throw new ModelConfigException(name.Line, name.Column, $"The field '{path}{name.Text}' is not supported (supported here: {(known.Length == 0 ? "none" : known)}); remove it, or start with --lenient-config to pass over such fields.");
        }

        _ignored.Add(string.Create(CultureInfo.InvariantCulture, $"'{path}{name.Text}' (line {name.Line})"));
        if (_token.Is(':'))
            Advance();
        SkipValue(name);
    }

    private void SkipValue(TextToken name)
    {
        if (_token.Is('-'))
            Advance();
        if (_token.Kind == TextTokenKind.Quoted)
        {
            while (_token.Kind == TextTokenKind.Quoted)
                Advance();
            return;
        }

        var depth = 0;
        do
        {
            if (_token.Kind == TextTokenKind.End)
                throw new ModelConfigException(name.Line, name.Column, $"The value of '{name.Text}' does not end; close its brackets.");
            depth += _token.Is('{') || _token.Is('[') || _token.Is('<') ? 1 : _token.Is('}') || _token.Is(']') || _token.Is('>') ? -1 : 0;
            Advance();
        }
        while (depth > 0);
    }

    private void Advance() => _token = _tokens.Next();

    private ModelConfigException Fault(string detail) => new(_token.Line, _token.Column, detail + ".");
}
