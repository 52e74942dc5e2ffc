using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.FirstTry;

/// <summary>How far an intent came.</summary>
internal enum Course
{
    /// <summary>Each call was accepted as it was first sent, and did what was meant.</summary>
    AtOnce,
    /// <summary>A call was refused or warned of, and what the advice said, applied literally, did what was meant.</summary>
    AfterAdvice,
    /// <summary>Neither.</summary>
    Failed,
}

/// <summary>One intent over one door in a room of its own.</summary>
internal sealed partial class IntentRun(SyncHost host, Intent intent, string door)
{
    private readonly List<string> _record = [];
    private bool _wasAdvised;

    /// <summary>What was sent and answered, for who reads a failure.</summary>
    public string Record => string.Join('\n', _record);

    public async Task<Course> RunAsync()
    {
        var room = await host.RoomAsync();
        foreach (var line in intent.Given)
        {
            await PrepareAsync(room, line.Replace("ROOM", room.Id, StringComparison.Ordinal));
        }

        var token = intent.IsStranger ? await host.MintAsync(SyncHost.NewName("stranger")) : room.Owner.Token!; // It has one.
        await using var newcomer = await ArriveAsync(room, token);
        var last = new Reply(true, "");
        var steps = door == "http" ? intent.Http : intent.Mcp;
        foreach (var step in steps)
        {
            if (await TryAsync(newcomer, room, step.Replace("ROOM", room.Id, StringComparison.Ordinal), isLast: ReferenceEquals(step, steps[^1])) is not { } reply)
            {
                return Course.Failed;
            }

            last = reply;
        }

        return !await IsDoneAsync(room, last, record: true) ? Course.Failed : _wasAdvised ? Course.AfterAdvice : Course.AtOnce;
    }

    private async Task<Newcomer> ArriveAsync(TestRoom room, string token)
    {
        if (door == "http")
        {
            return new HttpNewcomer(host.Client(token));
        }

        var connection = await McpConnection.OpenAsync(host, token);
        if (!intent.IsDisembodied)
        {
            await connection.OkAsync("sync_embody", new { room = room.Id });
        }

        return new McpNewcomer(connection);
    }

    private static async Task PrepareAsync(TestRoom room, string line)
    {
        var (word, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second) : throw new FormatException(line);
        switch (word)
        {
            case "use":
                foreach (var id in rest.Split(' '))
                {
                    (await room.InvokeAsync("_register_action", new { from = "standard_library", id })).AssertOk();
                }

                break;
            case "action":
                (await room.InvokeAsync("_register_action", JsonElement.Parse(rest))).AssertOk();
                break;
            case "view":
                (await room.InvokeAsync("_register_view", JsonElement.Parse(rest))).AssertOk();
                break;
            case "do":
                var brace = rest.IndexOf('{', StringComparison.Ordinal);
                (await room.InvokeAsync(brace < 0 ? rest.Trim() : rest[..brace].Trim(), JsonElement.Parse(brace < 0 ? "{}" : rest[brace..]))).AssertOk();
                break;
            default:
                var reply = await new HttpNewcomer(room.Owner).SendAsync(rest);
                Assert.True(reply.IsAccepted, $"{rest}: {reply.Text}");
                break;
        }
    }

    // Sends a step; when it is refused, or accepted with a warning before what was meant is done, what it advises.
    private async Task<Reply?> TryAsync(Newcomer newcomer, TestRoom room, string step, bool isLast)
    {
        var (first, understood) = Understood().Split(step, 2) is [var before, var after] ? (before.Trim(), after.Trim()) : (step, null);
        var reply = await SendAsync(newcomer, first);
        if (isLast && intent.IsRefused)
        {
            return reply.IsAccepted ? null : reply;
        }

        if (reply.IsAccepted && (!isLast ? reply.Message.Length == 0 : await IsDoneAsync(room, reply, record: false)))
        {
            return reply;
        }

        var isWarning = reply.IsAccepted && !isLast;
        _wasAdvised |= !isWarning;
        if (understood is not null)
        {
            understood = understood.Replace("{version}", Version().Match(reply.Text).Groups[1].Value, StringComparison.Ordinal);
            foreach (var word in understood.Split([' ', '"', '\'', ',', ':', '{', '}', '[', ']', '?', '&', '='], StringSplitOptions.RemoveEmptyEntries).Where(word => !first.Contains(word, StringComparison.Ordinal) && !reply.Text.Contains(word, StringComparison.Ordinal)))
            {
                _record.Add($"The refusal does not say '{word}'.");
                return null;
            }

            reply = await SendAsync(newcomer, understood);
            return reply.IsAccepted ? reply : null;
        }

        foreach (var repair in Repair.Of(first, reply, newcomer).Take(8).ToList())
        {
            Reply? repaired = null;
            foreach (var call in repair)
            {
                repaired = await SendAsync(newcomer, call);
                if (!repaired.IsAccepted)
                {
                    break;
                }
            }

            if (repaired is { IsAccepted: true } && (!isLast || await IsDoneAsync(room, repaired, record: false)))
            {
                _wasAdvised = true;
                return repaired;
            }
        }

        return isWarning ? reply : null;
    }

    private async Task<Reply> SendAsync(Newcomer newcomer, string step)
    {
        var reply = await newcomer.SendAsync(step);
        _record.Add($"{door}> {step}\n  {(reply.IsAccepted ? "accepted" : "refused")}: {(reply.Text.Length > 1_500 ? reply.Text[..1_500] + "…" : reply.Text)}");
        foreach (var text in intent.Never)
        {
            Assert.DoesNotContain(text, reply.Text, StringComparison.Ordinal);
        }

        return reply;
    }

    private async Task<bool> IsDoneAsync(TestRoom room, Reply last, bool record)
    {
        foreach (var text in intent.Says.Where(text => !last.Text.Contains(text.Replace("ROOM", room.Id, StringComparison.Ordinal), StringComparison.Ordinal)))
        {
            if (record)
            {
                _record.Add("The last answer does not say: " + text);
            }

            return false;
        }

        foreach (var expression in intent.Holds)
        {
            var held = await room.Owner.PostAsync(room.Path + "/eval", new { expr = expression.Replace("ROOM", room.Id, StringComparison.Ordinal) });
            if (held.Status != 200 || held["value"].ValueKind != JsonValueKind.True)
            {
                if (record)
                {
                    _record.Add($"It does not hold: {expression}: {held.Text}");
                }

                return false;
            }
        }

        return true;
    }

    // What is sent when the refusal was understood.
    [GeneratedRegex(" => (?=(?:GET|POST|PATCH|PUT|DELETE) /|sync_)", RegexOptions.ExplicitCapture)]
    private static partial Regex Understood();

    [GeneratedRegex("\"version\":\"([0-9a-f]{16})\"")]
    private static partial Regex Version();
}
