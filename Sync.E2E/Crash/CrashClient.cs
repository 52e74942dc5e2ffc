using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sync.E2E.Crash;

/// <summary>
/// One client of the room: invokes without pause until the server is gone, and keeps what it was not answered to ask again. One task at a time.
/// </summary>
internal sealed class CrashClient(CrashRoom room, int number, Random random)
{
    private readonly string _agent = CrashRoom.AgentName(number);
    private int _made;

    /// <summary>Requests with an answer, in order.</summary>
    public List<CrashRequest> Answered { get; } = [];

    /// <summary>The request whose answer never came; whether it was carried out, nobody knows yet.</summary>
    public CrashRequest? Unanswered { get; private set; }

    /// <summary>Invokes until the server dies.</summary>
    public async Task RunAsync(HttpClient http, Action answered, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Unanswered ??= Next();

                // Now and then the same request twice at once, as an impatient client sends it.
                if (random.Next(16) == 0)
                {
                    await TwiceAsync(http, Unanswered, cancellationToken);
                }
                else
                {
                    await OnceAsync(http, Unanswered, cancellationToken);
                }

                answered();
            }
        }
        catch (HttpRequestException)
        {
            // Killed, in the middle of this request or before it.
        }
        catch (IOException)
        {
            // The same, in the middle of the answer.
        }
    }

    /// <summary>Asks again for what was left unanswered; the server lives.</summary>
    public async Task RetryAsync(HttpClient http, CancellationToken cancellationToken)
    {
        if (Unanswered is { } request)
        {
            await OnceAsync(http, request, cancellationToken);
        }
    }

    /// <summary>Asks once more for something answered long ago.</summary>
    public async Task<(CrashRequest Request, CrashAnswer Again)> RepeatAsync(HttpClient http, CrashRequest request, CancellationToken cancellationToken) =>
        (request, await SendAsync(http, request, cancellationToken));

    private async Task OnceAsync(HttpClient http, CrashRequest request, CancellationToken cancellationToken) =>
        Take(request, await SendAsync(http, request, cancellationToken));

    private async Task TwiceAsync(HttpClient http, CrashRequest request, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(SendAsync(http, request, cancellationToken), SendAsync(http, request, cancellationToken));
        if (answers[0].Accepted || answers[1].Accepted)
        {
            Assert.Equal(answers[0].Text, answers[1].Text);
        }

        Take(request, answers[0]);
    }

    private void Take(CrashRequest request, CrashAnswer answer)
    {
        Assert.True(answer.Accepted || (request.Slot is not null && answer.Status == 409), $"{request}: {answer.Status} {answer.Text}");
        request.Answer = answer;
        Answered.Add(request);
        Unanswered = null;
    }

    private CrashRequest Next()
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{_agent}/{++_made}");
        return random.Next(4) switch
        {
            0 => new(id, "count", "id", _agent, Slot: null),
            1 => new(id, "mark", "id", _agent, Slot: null),
            2 => new(id, "_send_message", "body", _agent, Slot: null),

            // Clients meet at the same slots; one of them gets it, the others are refused.
            _ => new(id, "claim", "id", _agent, string.Create(CultureInfo.InvariantCulture, $"slot-{_made / 2}")),
        };
    }

    private async Task<CrashAnswer> SendAsync(HttpClient http, CrashRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"rooms/{room.Id}/actions/{request.Action}/invoke") { Content = JsonContent.Create(request.Body) };
        message.Headers.Add("Idempotency-Key", request.Id);
        using var response = await http.SendAsync(message, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var replayed = response.Headers.TryGetValues("Idempotent-Replay", out var values) && values.Single() == "true";
        var seq = response.IsSuccessStatusCode ? JsonElement.Parse(text).GetProperty("seq").GetInt64() : 0;
        return new CrashAnswer((int)response.StatusCode, text, replayed, seq);
    }
}
