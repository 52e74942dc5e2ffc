using System.Text.Json;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// The bytes that a list in an answer may take. Items are written one after another while they fit; each is composed by itself first, so that what is written is known
/// and not guessed. One answer, one thread.
/// </summary>
internal sealed class AnswerSpace(long bytes)
{
    // What stands around the lists of an answer: its own fields, and the names of what was cut.
    private const int Frame = 4 * 1024;

    private long _left = bytes;

    /// <summary>What the lists of an answer may take of its bytes.</summary>
    public static long Of(long answerBytes) => answerBytes - Math.Min(Frame, answerBytes / 4);

    /// <summary>Whether something of this size still fits.</summary>
    public bool Fits(long length) => length < _left;

    /// <summary>Takes room for something that is written elsewhere.</summary>
    public void Take(long length) => _left -= length + 1;

    /// <summary>Writes an item of an array, if it fits.</summary>
    public bool TryWrite<TState>(Utf8JsonWriter writer, TState state, Action<Utf8JsonWriter, TState> write) => TryWrite(writer, JsonText.Write(state, write));

    /// <summary>Writes an item of an array, if it fits.</summary>
    public bool TryWrite(Utf8JsonWriter writer, JsonText item)
    {
        if (!Fits(item.Length))
        {
            return false;
        }

        Take(item.Length);
        item.WriteTo(writer);
        return true;
    }

    /// <summary>Writes a member of an object, if it fits.</summary>
    public bool TryWrite(Utf8JsonWriter writer, string name, JsonText value)
    {
        // Each unit of a name takes three bytes at most, six where it is escaped; a name without anything unusual one.
        if (!Fits(value.Length + (name.Length * 6) + 3))
        {
            return false;
        }

        Take(value.Length + (name.Length * 6) + 3);
        writer.WritePropertyName(name);
        value.WriteTo(writer);
        return true;
    }
}
