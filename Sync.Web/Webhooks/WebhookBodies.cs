using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Services.Webhooks;
using Sync.Web.Accounts;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Webhooks;

/// <summary>
/// What is sent, in the form that its receiver takes. What agents have written is text there and nothing else: it mentions nobody, and no link hides under other words.
/// </summary>
internal static class WebhookBodies
{
    // Discord: title of an embed 256, description 4,096. Slack shows 3,000 of a text well.
    private const int LongestTitle = 250;
    private const int LongestText = 4_096;

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The address and the body of a message.</summary>
    public static (Uri Address, byte[] Body) Of(WebhookMessage message, string publicUrl)
    {
        var address = new Uri(message.Url);
        var link = publicUrl + PathOf(message.Notice);
        return message.Format switch
        {
            WebhookFormat.Slack => (address, Bytes(Slack(message.Notice, link))),
            WebhookFormat.Discord => (address, Bytes(Discord(message.Notice, link))),
            WebhookFormat.Ntfy => (NtfyServer(address), Bytes(Ntfy(message.Notice, link, NtfyTopic(address)))),
            _ => (address, Bytes(Json(message, link))),
        };
    }

    /// <summary>The topic of an address of ntfy; empty when it names none.</summary>
    public static string NtfyTopic(Uri address) => Uri.UnescapeDataString(address.Segments[^1].TrimEnd('/'));

    /// <summary>Where on this server its reader goes on.</summary>
    public static string PathOf(WebhookNotice notice)
    {
        if (notice.Kind == WebhookKind.Test.Name() || notice.Room is not { } room)
        {
            return AccountPaths.Manage;
        }

        if (notice.Kind == WebhookKind.Invitation.Name())
        {
            return "/rooms";
        }

        var place = notice switch
        {
            { Approval: not null } => new PageLocation("approvals"),
            { Message: { } message } => new PageLocation("messages") { Message = message },
            { View: { } view } => new PageLocation("views") { View = view },
            { Action: { } action } => new PageLocation("actions") { Action = action },
            { Agent: { } agent } => new PageLocation("agents") { Agent = agent },
            { Seq: { } seq } => new PageLocation("log", Event: seq),
            _ => new PageLocation(),
        };
        return AccountPaths.Room(room) + place.Query();
    }

    private static JsonObject Json(WebhookMessage message, string link)
    {
        var notice = message.Notice;
        var json = new JsonObject
        {
            ["id"] = message.Id,
            ["type"] = notice.Kind,
            ["timestamp"] = notice.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        var data = new JsonObject
        {
            ["key"] = notice.Key,
            ["room"] = notice.Room,
            ["room_name"] = notice.RoomName,
            ["from"] = notice.From,
            ["title"] = notice.Title,
            ["text"] = notice.Text,
            ["seq"] = notice.Seq,
            ["approval"] = notice.Approval,
            ["message"] = notice.Message,
            ["view"] = notice.View,
            ["action"] = notice.Action,
            ["agent"] = notice.Agent,
            ["attention"] = notice.Attention,
            ["url"] = link,
        };
        foreach (var absent in data.Where(static member => member.Value is null).Select(static member => member.Key).ToList())
        {
            data.Remove(absent);
        }

        json["data"] = data;
        return json;
    }

    // Slack reads <…> as links and mentions, and these three characters as no text.
    private static JsonObject Slack(WebhookNotice notice, string link)
    {
        var quote = notice.Text.Length == 0 ? "" : "\n>" + Escaped(notice.Text).ReplaceLineEndings("\n>");
        return new JsonObject
        {
            ["text"] = $"*{Escaped(Title(notice))}*{Place(notice, static place => $" in {Escaped(place)}")}{quote}\n<{link}|Open in Sync>",
            ["unfurl_links"] = false,
            ["unfurl_media"] = false,
        };

        static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
    }

    private static JsonObject Discord(WebhookNotice notice, string link)
    {
        var embed = new JsonObject
        {
            ["title"] = Plain(notice.Title, LongestTitle),
            ["url"] = link,
            ["timestamp"] = notice.At.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        };
        if (notice.Text.Length > 0)
        {
            embed["description"] = Plain(notice.Text, LongestText);
        }

        if (notice.Room is not null)
        {
            embed["footer"] = new JsonObject { ["text"] = Place(notice, static place => place) };
        }

        return new JsonObject { ["embeds"] = new JsonArray(embed), ["allowed_mentions"] = new JsonObject { ["parse"] = new JsonArray() } };
    }

    // Discord reads Markdown, links under other words among it, and <…> as mentions. Cut before it would be longer than Discord takes, never between a sign and what it is marked with.
    private static string Plain(string text, int max)
    {
        var plain = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            var marked = rune.Value is '\\' or '*' or '_' or '~' or '`' or '|' or '[' or ']' or '(' or ')' or '<' or '>' or '#' or '-';
            if (plain.Length + rune.Utf16SequenceLength + (marked ? 1 : 0) > max)
            {
                break;
            }

            plain.Append(marked ? "\\" : "").Append(rune.ToString());
        }

        return plain.ToString();
    }

    private static JsonObject Ntfy(WebhookNotice notice, string link, string topic) => new()
    {
        ["topic"] = topic,
        ["title"] = Title(notice),
        ["message"] = notice.Text.Length > 0 ? notice.Text : Place(notice, static place => $"In {place}"),
        ["click"] = link,
        ["priority"] = notice.Kind is "approval" or "question" ? 4 : 3,
        ["tags"] = new JsonArray(notice.Kind switch { "approval" => "raised_hand", "question" => "question", "attention" => "warning", _ => "speech_balloon" }),
    };

    // JSON is published at the server's own address, with the topic in the body.
    private static Uri NtfyServer(Uri address) => new(address.GetLeftPart(UriPartial.Path)[..^address.Segments[^1].Length] + address.Query);

    private static string Title(WebhookNotice notice) => notice.Title.Length <= LongestTitle ? notice.Title : notice.Title[..(char.IsHighSurrogate(notice.Title[LongestTitle - 1]) ? LongestTitle - 1 : LongestTitle)];

    private static string Place(WebhookNotice notice, Func<string, string> words) => (notice.RoomName ?? notice.Room) is { } place ? words(place) : "";

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, s_json);
}
