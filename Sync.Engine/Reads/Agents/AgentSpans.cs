using System.Collections.Immutable;

namespace Sync.Engine.Reads.Agents;

/// <summary>
/// Makes spans of the signs of one agent. Pure: the same signs give the same spans, whether they were seen live, are read back after a restart, or are those of a moment gone by. At each moment
/// an agent does one thing: it waits, or has acted within <see cref="WorkingFor"/>, or is idle; while somebody is to decide on what it asked for, that is what it waits for.
/// </summary>
internal static class AgentSpans
{
    /// <summary>Silent for so long after an act, an agent works no more as far as anybody knows.</summary>
    public static readonly TimeSpan WorkingFor = TimeSpan.FromMinutes(1);

    /// <summary>The spans from the first sign on, without gaps, each of another activity than the one before.</summary>
    /// <param name="signs">The signs, in order of time.</param>
    /// <param name="until">The last moment that is known; what goes on then has no end. Null for the present, where what ends by itself has its end in the future.</param>
    public static ImmutableArray<AgentSpan> Of(IEnumerable<AgentSign> signs, DateTimeOffset? until)
    {
        var fold = new Fold();
        foreach (var sign in signs)
        {
            if (sign.At <= (until ?? sign.At))
            {
                fold.Take(sign);
            }
        }

        return fold.End(until);
    }

    private struct Fold()
    {
        private readonly ImmutableArray<AgentSpan>.Builder _spans = ImmutableArray.CreateBuilder<AgentSpan>();
        private AgentActivity? _activity;
        private DateTimeOffset _from;
        private DateTimeOffset? _livelyUntil;
        private bool _wasRefused;
        private bool _hasJustAsked;
        private int _waits;
        private int _asked;

        public void Take(AgentSign sign)
        {
            Elapse(sign.At);
            switch (sign.Kind)
            {
                case AgentSignKind.WaitBegan:
                    _waits++;
                    break;
                case AgentSignKind.WaitEnded:
                    _waits = Math.Max(0, _waits - 1);
                    Live(sign.At, wasRefused: false);
                    break;
                case AgentSignKind.Decided:
                    _asked = Math.Max(0, _asked - 1);
                    break;
                case AgentSignKind.Asked:
                    _asked++;
                    Live(sign.At, wasRefused: false);
                    _hasJustAsked = true;
                    break;
                case AgentSignKind.Acted:
                    Live(sign.At, wasRefused: false);
                    break;
                case AgentSignKind.Refused:
                    Live(sign.At, wasRefused: true);
                    break;
            }

            Turn(sign.At);
        }

        public readonly ImmutableArray<AgentSpan> End(DateTimeOffset? until)
        {
            var last = this;
            if (until is { } end)
            {
                last.Elapse(end);
            }
            else if (last.FadesAt is { } fades)
            {
                last.Elapse(fades);
            }

            if (last._activity is { } activity)
            {
                last._spans.Add(new AgentSpan(activity, last._from, Until: null));
            }

            return last._spans.ToImmutable();
        }

        private void Live(DateTimeOffset at, bool wasRefused)
        {
            _livelyUntil = at + WorkingFor;
            _wasRefused = wasRefused;
            _hasJustAsked = false;
        }

        // When what it does is over, without any further sign.
        private readonly DateTimeOffset? FadesAt => _activity is AgentActivity.Working or AgentActivity.Refused ? _livelyUntil : null;

        private void Elapse(DateTimeOffset now)
        {
            if (FadesAt is { } fades && fades <= now)
            {
                Turn(fades);
            }
        }

        private void Turn(DateTimeOffset at)
        {
            var next = ActivityAt(at);
            if (next == _activity)
            {
                return;
            }

            // What took no time is no span.
            if (_activity is { } before && at > _from)
            {
                _spans.Add(new AgentSpan(before, _from, at));
            }

            _from = at;
            if (_spans is [.., var last] && last.Activity == next && last.Until == at)
            {
                _from = last.From;
                _spans.RemoveAt(_spans.Count - 1);
            }

            _activity = next;
        }

        private readonly AgentActivity ActivityAt(DateTimeOffset at) =>
            _waits > 0 ? (_asked > 0 ? AgentActivity.Deciding : AgentActivity.Waiting)
            : _asked > 0 && (_hasJustAsked || !(at < _livelyUntil)) ? AgentActivity.Deciding
            : at < _livelyUntil ? (_wasRefused ? AgentActivity.Refused : AgentActivity.Working)
            : AgentActivity.Idle;
    }
}
