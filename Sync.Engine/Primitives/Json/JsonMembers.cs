using System.Text.Json;

namespace Sync.Engine.Primitives.Json;

/// <summary>The members of a JSON object, or the items of an array, as ranges of its bytes: nothing is copied and nothing unescaped.</summary>
internal ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private bool _escaped;

    public JsonMembers(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonText.MaxReadDepth });
        _reader.Read();
    }

    /// <summary>The member's name as it stands there, with its quotes; empty for an item.</summary>
    public ReadOnlySpan<byte> RawName { get; private set; }

    /// <summary>Where the value begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where the value ends.</summary>
    public int End { get; private set; }

    public readonly ReadOnlySpan<byte> Value => _json[Start..End];

    public bool MoveNext()
    {
        if (!_reader.Read() || _reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
        {
            return false;
        }

        RawName = default;
        if (_reader.TokenType == JsonTokenType.PropertyName)
        {
            _escaped = _reader.ValueIsEscaped;
            RawName = _json.Slice((int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2);
            _reader.Read();
        }

        Start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        End = (int)_reader.BytesConsumed;
        return true;
    }

    /// <summary>Whether the member has this name, given as unescaped UTF-8.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> name) => _escaped ? NameReader().ValueTextEquals(name) : RawName[1..^1].SequenceEqual(name);

    /// <summary>The member's name.</summary>
    public readonly string Name() => NameReader().GetString()!;

    private readonly Utf8JsonReader NameReader()
    {
        var reader = new Utf8JsonReader(RawName);
        reader.Read();
        return reader;
    }
}
