using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sync.Engine.Primitives.Ids;

/// <summary>
/// Agent ids out of names in any script. An id is ASCII, so a name that is not one keeps what it has in common with it, accents taken off, and gets a suffix that is made of the whole
/// name: the same name always gives the same id, and two names that differ in more than case give two. Pure.
/// </summary>
internal static class AgentSlug
{
    // 40 bits: among ten thousand names of one room with nothing in common with ASCII, two meet once in twenty thousand rooms.
    private const int SuffixLength = 8;
    private const string SuffixDigits = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int LongestClient = 24;
    private const int LongestName = 56;

    // Latin letters that are no letter with an accent.
    private static readonly Dictionary<char, string> s_letters = new()
    {
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['œ'] = "oe",
        ['ø'] = "o",
        ['đ'] = "d",
        ['ð'] = "d",
        ['ł'] = "l",
        ['þ'] = "th",
        ['ı'] = "i",
        ['ħ'] = "h",
        ['ŋ'] = "n",
        ['ŧ'] = "t",
    };

    // Each mark with the letters that are one with it, a plain letter before each.
    private static readonly Dictionary<char, (char Letter, char Mark)> s_accents = new[]
    {
        ('\u0300', "aàeèiìoòuùnǹ"), ('\u0301', "aáeéiíoóuúyýcćlĺnńrŕsśzź"), ('\u0302', "aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷ"), ('\u0303', "aãnñoõiĩuũ"), ('\u0304', "aāeēiīoōuū"),
        ('\u0306', "aăeĕgğiĭoŏuŭ"), ('\u0307', "cċeėgġzż"), ('\u0308', "aäeëiïoöuüyÿ"), ('\u030a', "aåuů"), ('\u030b', "oőuű"), ('\u030c', "cčdďeělľnňrřsštťzž"),
        ('\u0326', "sștț"), ('\u0327', "cçgģkķlļnņrŗsştţ"), ('\u0328', "aąeęiįuų"),
    }.SelectMany(static row => row.Item2.Chunk(2).Select(pair => (Composed: pair[1], Parts: (pair[0], row.Item1)))).ToDictionary(static entry => entry.Composed, static entry => entry.Parts);

    /// <summary>The id of an agent that is called so: the name itself in lower case where it is an id; empty only for an empty name.</summary>
    public static string OfName(string name) => Slug(name, LongestName, "agent", isStrict: true);

    /// <summary>An id that is like a title, for a hint: its words with '-' between them; empty where nothing of it can stand in an id.</summary>
    public static string OfTitle(string title)
    {
        var id = new StringBuilder();
        foreach (var letter in title)
        {
            var kept = char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or ':' or '-';
            if (kept || (id.Length > 0 && id[^1] != '-'))
            {
                id.Append(kept ? letter : '-');
            }

            if (id.Length == Identifiers.MaxIdLength)
            {
                break;
            }
        }

        return id.ToString().TrimEnd('-').TrimStart('-');
    }

    /// <summary>The id of a room that is called so: as <see cref="OfTitle"/>, in lower case, accents taken off; empty where nothing of the name can stand in an id.</summary>
    public static string OfRoomName(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var character in Decomposed(name))
        {
            var lower = char.ToLowerInvariant(character);
            if (s_letters.TryGetValue(lower, out var letters))
            {
                folded.Append(letters);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(character) is not UnicodeCategory.NonSpacingMark)
            {
                // A colon parts a user's name from a client's, in ids of agents.
                folded.Append(lower == ':' ? ' ' : lower);
            }
        }

        return OfTitle(folded.ToString());
    }

    /// <summary>What a client calls itself, as it stands in ids. Programs spell themselves with spaces or without: these are no two clients.</summary>
    public static string OfClientName(string client) => client.Length == 0 ? "client" : Slug(client, LongestClient, "client", isStrict: false);

    /// <summary>A proposal for the id of an agent of a role; agents of one role are told apart by numbers.</summary>
    public static string OfRole(string role) => Slug(role, LongestName, "agent", isStrict: false);

    /// <summary>The id of a client's own agent: <c>user:client</c>, the user's name shortened where both are too long.</summary>
    public static string OfClient(string user, string client)
    {
        var most = Identifiers.MaxIdLength - 1 - client.Length;
        return $"{(user.Length > most ? user[..most] : user).TrimStart('_')}:{client}";
    }

    private static string Slug(string name, int longest, string otherwise, bool isStrict)
    {
        var text = Decomposed(name.Trim());
        var slug = new StringBuilder(text.Length);
        var isWhole = true;
        foreach (var character in text)
        {
            if (char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
            {
                slug.Append(char.ToLowerInvariant(character));
                continue;
            }

            isWhole &= !isStrict && char.IsAscii(character);
            if (s_letters.TryGetValue(char.ToLowerInvariant(character), out var letters))
            {
                slug.Append(letters);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(character) is not UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var plain = slug.ToString();
        var kept = plain.Trim('-').TrimStart('_');
        isWhole &= kept.Length <= longest && (!isStrict || kept.Length == plain.Length) && kept is not ("" or "." or "..");
        if (isWhole)
        {
            return kept;
        }

        var most = longest - SuffixLength - 1;
        kept = (kept.Length > most ? kept[..most] : kept).Trim('-', '.');
        return $"{(kept.Length == 0 ? otherwise : kept)}-{Suffix(text.ToLowerInvariant())}";
    }

    // One text for both forms of a letter with an accent. Not by string.Normalize, which leaves every letter as it is where the runtime has no ICU.
    private static string Decomposed(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var decomposed = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            if (s_accents.TryGetValue(char.ToLowerInvariant(character), out var parts))
            {
                decomposed.Append(char.IsUpper(character) ? char.ToUpperInvariant(parts.Letter) : parts.Letter).Append(parts.Mark);
            }
            else
            {
                decomposed.Append(character);
            }
        }

        return decomposed.ToString();
    }

    private static string Suffix(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return string.Create(SuffixLength, hash, static (span, hash) =>
        {
            for (var at = 0; at < span.Length; at++)
            {
                span[at] = SuffixDigits[hash[at] & 31];
            }
        });
    }
}
