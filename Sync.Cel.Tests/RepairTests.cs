using System.Text.RegularExpressions;

namespace Sync.Cel.Tests;

/// <summary>
/// What people write who come from elsewhere: the hint has a replacement for the whole expression, which is taken out of it, evaluated as it stands, and gives what was meant.
/// </summary>
public sealed class RepairTests
{
    private const string Room = """
        {
          "state": {
            "_shared": { "phase": "playing", "round": 3, "ratio": 0.5, "name": "Ada", "title": "Mr X", "none": null, "due": "2023-11-14T22:00:00Z",
                         "list": [3, 1, 2], "words": ["b", "a"], "numbers": [1, 2, 3, 4],
                         "items": [ { "id": "a", "n": 1, "done": true, "tags": ["x"] }, { "id": "b", "n": 2, "done": false, "tags": ["y", "z"] } ],
                         "scores": { "alice": 7, "bob": 5 }, "flag": true,
                         "ends": "2023-11-15", "wait": "10m", "text": "5", "half": "2.5", "ms": 1700000000000,
                         "rows": [ { "team": "red", "n": 1 }, { "team": "blue", "n": 2 }, { "team": "red", "n": 3 } ] },
            "_due": { "a": { "at": "2023-11-14T22:00:00Z" }, "b": { "at": "2030-01-01T00:00:00Z" } },
            "_messages": { "1": { "from": "bob", "body": "hi" }, "2": { "from": "alice", "body": "x" } },
            "_tasks": { "t1": { "done": true, "by": "alice" }, "t2": { "done": false, "by": null } },
            "alice": { "score": 7 }
          },
          "views": { "total": 10 },
          "agents": { "alice": { "status": "active", "role": "lead" }, "bob": { "status": "idle" } },
          "actions": {}, "messages": { "count": 4, "unread": 2, "directed_unread": 0 },
          "self": "alice", "params": { "n": 5, "text": "hello", "list": [1, 2] }, "owner": "alice"
        }
        """;

    public static TheoryData<string, string> Attempts { get; } = new()
    {
        // Operators.
        { "state._shared.phase === \"playing\"", "true" },
        { "state._shared.phase !== \"playing\"", "false" },
        { "state._shared.phase = \"playing\"", "true" },
        { "state._shared.round <> 3", "false" },
        { "state._shared.round == 3 and self == \"alice\"", "true" },
        { "state._shared.round == 1 or self == \"alice\"", "true" },
        { "state._shared.round == 1 OR self == \"alice\" AND true", "true" },
        { "not (self == \"bob\")", "true" },
        { "NOT self == \"bob\"", "true" },
        { "self == \"alice\" & true", "true" },
        { "self == \"bob\" | true", "true" },
        { "self not in agents", "false" },
        { "self NOT IN (\"bob\", \"carol\")", "true" },
        { "state._shared.round in (1, 3)", "true" },
        { "state._shared.phase IN ('playing', 'done')", "true" },
        { "state._shared.round in {1, 3}", "true" },
        { "1 < state._shared.round < 5", "true" },
        { "1 < state._shared.round <= 2", "false" },
        { "0 <= params.n < 5", "false" },
        { "state._shared.round BETWEEN 1 AND 3", "true" },
        { "state._shared.round between 4 and 9 or true", "true" },
        { "state._shared.round NOT BETWEEN 1 AND 2", "true" },
        { "state._shared.name IS NOT NULL", "true" },
        { "state._shared.none IS NULL", "true" },
        { "state._shared.none is None", "true" },
        { "state._shared.name is not None", "true" },
        { "state._shared.none == undefined", "true" },
        { "state._shared.none == nil", "true" },
        { "state._shared.none == NULL", "true" },
        { "state._shared.flag == True", "true" },
        { "state._shared.flag == FALSE", "false" },
        { "state._shared.flag is True", "true" },
        { "state._shared.none ?? \"x\"", "\"x\"" },
        { "state._shared.name ?? \"x\"", "\"Ada\"" },
        { "state._shared.none || 0", "0" },
        { "(state._shared.round || 0) + 1", "4" },
        { "state._shared.absent || \"none\"", "\"none\"" },
        { "state._shared.absent or 0", "0" },
        { "state._shared.scores?.alice", "7" },
        { "state._shared.scores?.carol?.x == null", "true" },
        { "state._shared.items?.[0].id", "\"a\"" },
        { "state._shared.items?.[9]", "null" },
        { "state._shared.items?.[9] ?? \"none\"", "\"none\"" },
        { "state._shared.name LIKE 'A%'", "true" },
        { "state._shared.name like '%da'", "true" },
        { "state._shared.name LIKE '%d%'", "true" },
        { "state._shared.name LIKE 'A_a'", "true" },
        { "state._shared.name LIKE 'Ada'", "true" },
        { "state._shared.name NOT LIKE 'B%'", "true" },
        { "state._shared.name =~ /^a/i", "true" },
        { "state._shared.round ** 2", "9" },
        { "pow(state._shared.round, 2)", "9" },
        { "state._shared.round == 1 || 3", "true" },
        { "state._shared.phase == playing", "true" },
        { "state._shared.phase === playing", "true" },
        { "state._shared.round eq 3", "true" },
        { "typeof state._shared.name == \"string\"", "true" },
        { "typeof(state._shared.round) === 'number'", "true" },
        { "typeof state._shared.absent === 'undefined'", "true" },
        { "isinstance(state._shared.name, str)", "true" },
        { "state._shared.list instanceof Array", "true" },
        { "Array.isArray(state._shared.list)", "true" },

        // Choices.
        { "if state._shared.round > 2 then \"late\" else \"early\"", "\"late\"" },
        { "if (state._shared.round > 2) \"late\" else \"early\"", "\"late\"" },
        { "if (state._shared.round > 2) { return \"late\"; } else { return \"early\"; }", "\"late\"" },
        { "\"late\" if state._shared.round > 2 else \"early\"", "\"late\"" },
        { "if(state._shared.round > 2, \"late\", \"early\")", "\"late\"" },
        { "IF(state._shared.round > 2, 'late', 'early')", "\"late\"" },
        { "iif(state._shared.round > 2, 1, 2)", "1" },
        { "CASE WHEN state._shared.round > 2 THEN 'late' ELSE 'early' END", "\"late\"" },
        { "CASE WHEN state._shared.round > 5 THEN 'a' WHEN state._shared.round > 2 THEN 'b' ELSE 'c' END", "\"b\"" },
        { "return state._shared.round > 2;", "true" },
        { "let r = state._shared.round; r + 1", "4" },
        { "const r = state._shared.round; return r * r;", "9" },

        // Lists.
        { "len(state._shared.items) > 1", "true" },
        { "state._shared.items.length() == 2", "true" },
        { "count(state._shared.items)", "2" },
        { "state._shared.items.count()", "2" },
        { "state._shared.items.count(t, t.done)", "1" },
        { "state._shared.items.count(t => t.done)", "1" },
        { "state._shared.list.sort(t, t)", "[1, 2, 3]" },
        { "state._shared.items.sort(t, -t.n).map(t, t.id)", "[\"b\", \"a\"]" },
        { "state._shared.items.sort((a, b) => b.n - a.n).map(x, x.id)", "[\"b\", \"a\"]" },
        { "state._shared.items.sort((a, b) => a.n - b.n)[0].id", "\"a\"" },
        { "sorted(state._shared.list)", "[1, 2, 3]" },
        { "sorted(state._shared.items, key=lambda t: t.n, reverse=True)[0].id", "\"b\"" },
        { "state._shared.items.orderBy(t => -t.n)[0].id", "\"b\"" },
        { "state._shared.items.OrderByDescending(t => t.n).First().id", "\"b\"" },
        { "state._shared.items.sortBy(\"n\")[0].id", "\"a\"" },
        { "state._shared.numbers[0:2]", "[1, 2]" },
        { "state._shared.numbers[2:]", "[3, 4]" },
        { "state._shared.numbers[:2]", "[1, 2]" },
        { "state._shared.numbers[:-1]", "[1, 2, 3]" },
        { "state._shared.numbers[-2:]", "[3, 4]" },
        { "state._shared.numbers[::-1]", "[4, 3, 2, 1]" },
        { "state._shared.numbers.take(2)", "[1, 2]" },
        { "state._shared.numbers.take(9)", "[1, 2, 3, 4]" },
        { "state._shared.numbers.limit(1)", "[1]" },
        { "state._shared.numbers.skip(3)", "[4]" },
        { "state._shared.numbers.slice(2)", "[3, 4]" },
        { "first(state._shared.numbers) == optional.of(1)", "true" },
        { "state._shared.items.First().id", "\"a\"" },
        { "state._shared.items.find(t => t.n == 2).id", "\"b\"" },
        { "state._shared.items.find(t, t.n == 9)", "null" },
        { "state._shared.items.findIndex(t => t.n == 2)", "1" },
        { "state._shared.items.where(t => t.done).map(t, t.id)", "[\"a\"]" },
        { "state._shared.items.where(t, t.done).size()", "1" },
        { "state._shared.items.Where(t => t.done).Select(t => t.id)", "[\"a\"]" },
        { "state._shared.items.filter(t => t.n > 1).map(t => t.id)", "[\"b\"]" },
        { "state._shared.items.filter((t) => { return t.n > 1; }).length", "1" },
        { "state._shared.items.map(t -> t.n)", "[1, 2]" },
        { "state._shared.items.map(function(t) { return t.n; })", "[1, 2]" },
        { "state._shared.items.map((t, i) => i)", "[0, 1]" },
        { "state._shared.items.map(lambda t: t.n)", "[1, 2]" },
        { "list(map(lambda t: t.n, state._shared.items))", "[1, 2]" },
        { "state._shared.items.filter(t.done)", "[{\"id\": \"a\", \"n\": 1, \"done\": true, \"tags\": [\"x\"]}]" },
        { "state._shared.items.exists(t.n > 1)", "true" },
        { "state._shared.items.some(t => t.done)", "true" },
        { "state._shared.items.any(t, t.done)", "true" },
        { "state._shared.items.every(t => t.done)", "false" },
        { "state._shared.items.flatMap(t => t.tags)", "[\"x\", \"y\", \"z\"]" },
        { "state._shared.items.reduce((a, t) => a + t.n, 0)", "3" },
        { "state._shared.items.reduce(a, t, a + t.n, 0)", "3" },
        { "reduce(lambda a, x: a + x, state._shared.list, 0)", "6" },
        { "state._shared.list.reduce((a, x) => Math.max(a, x), 0)", "3" },
        { "state._shared.words.reduce((a, w) => a + w, \"\")", "\"ba\"" },
        { "sum(state._shared.list)", "6" },
        { "sum(t.n for t in state._shared.items)", "3" },
        { "state._shared.items.sum(t => t.n)", "3" },
        { "state._shared.items.sum(t, t.n)", "3" },
        { "avg(state._shared.list)", "2.0" },
        { "state._shared.list.average()", "2.0" },
        { "max(state._shared.list)", "3" },
        { "min(1, 2)", "1" },
        { "state._shared.list.max()", "3" },
        { "Math.max(...state._shared.list)", "3" },
        { "math.max(1, 2)", "2" },
        { "max(t.n for t in state._shared.items)", "2" },
        { "[t.n for t in state._shared.items]", "[1, 2]" },
        { "[t.id for t in state._shared.items if t.done]", "[\"a\"]" },
        { "[t for t in state._shared.list if t > 1]", "[3, 2]" },
        { "len([t for t in state._shared.items if t.done]) == 1", "true" },
        { "any(t.done for t in state._shared.items)", "true" },
        { "all(t.done for t in state._shared.items)", "false" },
        { "[k for k, v in state._tasks.items() if v.done]", "[\"t1\"]" },
        { "{t.id: t.n for t in state._shared.items}", "{\"a\": 1, \"b\": 2}" },
        { "for t in state._shared.items: t.n", "[1, 2]" },
        { "for (t in state._shared.items) t.n", null! },
        { "state._shared.list.includes(3)", "true" },
        { "state._shared.words.includes(\"a\")", "true" },
        { "state._shared.name.includes(\"d\")", "true" },
        { "[1, 2].contains(1)", "true" },
        { "state._shared.list.contains(3)", "true" },
        { "state._shared.list.push(4)", "[3, 1, 2, 4]" },
        { "state._shared.list.append(4)", "[3, 1, 2, 4]" },
        { "state._shared.list.concat([4])", "[3, 1, 2, 4]" },
        { "[...state._shared.list, 4]", "[3, 1, 2, 4]" },
        { "[0, ...state._shared.list]", "[0, 3, 1, 2]" },
        { "state._shared.list.isEmpty()", "false" },
        { "isEmpty(state._shared.list)", "false" },
        { "state._shared.list.unique()", "[3, 1, 2]" },
        { "set(state._shared.list)", "[3, 1, 2]" },
        { "state._shared.list.reversed()", "[2, 1, 3]" },
        { "\", \".join(state._shared.words)", "\"b, a\"" },
        { "join(state._shared.words, \",\")", "\"b,a\"" },
        { "range(3)", "[0, 1, 2]" },
        { "range(1, 3)", "[1, 2]" },
        { "_.size(state._shared.list)", "3" },
        { "contains(state._shared.name, \"d\")", "true" },
        { "startsWith(state._shared.name, \"A\")", "true" },

        // Maps.
        { "{a: 1}", "{\"a\": 1}" },
        { "{a: 1, b: state._shared.round}", "{\"a\": 1, \"b\": 3}" },
        { "{...state._shared.scores, carol: 1}", "{\"alice\": 7, \"bob\": 5, \"carol\": 1}" },
        { "{...state._shared.scores, \"bob\": 6}", "{\"alice\": 7, \"bob\": 6}" },
        { "Object.keys(state._shared.scores)", "[\"alice\", \"bob\"]" },
        { "Object.keys(state._shared.scores).length", "2" },
        { "Object.values(state._shared.scores)", "[7, 5]" },
        { "state._shared.scores.get(\"carol\", 0)", "0" },
        { "state._shared.scores.get(\"alice\")", "7" },
        { "state._shared.scores.has(\"alice\")", "true" },
        { "state._shared.scores.containsKey(\"carol\")", "false" },
        { "state._shared.scores.hasOwnProperty(\"alice\")", "true" },
        { "state._shared.scores.items().size()", "2" },
        { "JSON.stringify(state._shared.list)", "\"[3, 1, 2]\"" },
        { "JSON.parse(state._shared.list)", "[3, 1, 2]" },

        // Text.
        { "state._shared.name.startswith(\"A\")", "true" },
        { "state._shared.name.starts_with(\"A\")", "true" },
        { "state._shared.name.endswith(\"a\")", "true" },
        { "state._shared.name.toUpperCase()", "\"ADA\"" },
        { "state._shared.name.lower()", "\"ada\"" },
        { "state._shared.name.strip()", "\"Ada\"" },
        { "concat(state._shared.name, \"!\")", "\"Ada!\"" },
        { "concat(\"round \", state._shared.round)", "\"round 3\"" },
        { "\"round \" + 3", "\"round 3\"" },
        { "\"items: \" + size(state._shared.items)", "\"items: 2\"" },
        { "f\"round {state._shared.round}\"", "\"round 3\"" },
        { "f\"{state._shared.name} at {state._shared.ratio:.2f}\"", "\"Ada at 0.50\"" },
        { "`round ${state._shared.round} of ${params.n}`", "\"round 3 of 5\"" },
        { "\"{} of {}\".format(state._shared.round, params.n)", "\"3 of 5\"" },
        { "\"%s of %s\" % (state._shared.round, params.n)", "\"3 of 5\"" },
        { "str(state._shared.round)", "\"3\"" },
        { "state._shared.round.toString()", "\"3\"" },
        { "state._shared.ratio.toFixed(2)", "\"0.50\"" },
        { "state._shared.name == 'it''s'", "false" },
        { "substring(state._shared.name, 0, 1)", "\"A\"" },
        { "state._shared.name.substr(1, 2)", "\"da\"" },
        { "/^A/.test(state._shared.name)", "true" },
        { "/^a/i.test(state._shared.name)", "true" },
        { "state._shared.name.match(/^A/)", "true" },
        { "re.match(\"^A\", state._shared.name)", "true" },
        { "self == “alice”", "true" },
        { "${params.n} > 4", "true" },
        { "{{params.n}} > 4", "true" },

        // Numbers and casts.
        { "now - 5m < now", "true" },
        { "(int)state._shared.ratio", "0" },
        { "(string)state._shared.round", "\"3\"" },
        { "state._shared.ratio as int", "0" },
        { "state._shared.round::text", "\"3\"" },
        { "parseInt(\"42\")", "42" },
        { "parseFloat(\"0.5\")", "0.5" },
        { "float(state._shared.round)", "3.0" },
        { "Number(\"7\")", "7.0" },
        { "abs(-3)", "3" },
        { "Math.floor(state._shared.ratio)", "0.0" },
        { "round(state._shared.ratio)", "1.0" },
        { "round(state._shared.ratio, 1)", "\"0.5\"" },
        { "state._shared.round mod 2", "1" },
        { "1_000 + 1", "1001" },
        { "coalesce(state._shared.none, state._shared.name)", "\"Ada\"" },
        { "coalesce(state._shared.none, state._shared.absent, \"x\")", "\"x\"" },
        { "IFNULL(state._shared.none, 0)", "0" },
        { "isnull(state._shared.none)", "true" },
        { "null.size()", "0" },

        // Time.
        { "now() > timestamp(state._shared.due)", "true" },
        { "Date.now() > timestamp(state._shared.due)", "true" },
        { "new Date() > timestamp(state._shared.due)", "true" },
        { "now > new Date(\"2023-01-01T00:00:00Z\")", "true" },
        { "datetime.now() > timestamp(0)", "true" },
        { "today > timestamp(0)", "true" },

        // Names.
        { "shared.phase == \"playing\"", "true" },
        { "agent == \"alice\"", "true" },
        { "agent.role == \"lead\"", "true" },
        { "self.score > 5", "true" },
        { "phase == \"playing\"", "true" },
        { "stat._shared.phase == \"playing\"", "true" },
        { "mesages.unread > 0", "true" },
        { "len(items) == 2 and phase == \"playing\"", "true" },

        // SQL.
        { "SELECT id FROM state._shared.items WHERE n > 1", "[\"b\"]" },
        { "SELECT * FROM state._shared.items WHERE done = true", "[{\"id\": \"a\", \"n\": 1, \"done\": true, \"tags\": [\"x\"]}]" },
        { "SELECT COUNT(*) FROM state._shared.items", "2" },
        { "SELECT COUNT(*) FROM state._shared.items t WHERE t.done", "1" },
        { "SELECT id, n FROM state._shared.items ORDER BY n DESC LIMIT 1", "[{\"id\": \"b\", \"n\": 2}]" },
        { "SELECT MAX(n) FROM state._shared.items", "2" },

        { "SELECT team, COUNT(*) FROM state._shared.rows GROUP BY team", "{\"red\": 2, \"blue\": 1}" },
        { "SELECT team, SUM(n) FROM state._shared.rows WHERE n > 1 GROUP BY team", "{\"blue\": 2, \"red\": 3}" },
        { "SELECT team, COUNT(*) AS c FROM state._shared.rows GROUP BY team ORDER BY c DESC", "[{\"key\": \"red\", \"value\": 2}, {\"key\": \"blue\", \"value\": 1}]" },
        { "select done, count(*) from state._tasks group by done", "{true: 1, false: 1}" },
        { "SELECT team, COUNT(*) FROM state._shared.rows GROUP BY team ORDER BY team LIMIT 1", "[{\"key\": \"blue\", \"value\": 1}]" },

        // Groups.
        { "state._shared.rows.countBy(r, r.team)", "{\"red\": 2, \"blue\": 1}" },
        { "state._shared.rows.countBy(r => r.team)", "{\"red\": 2, \"blue\": 1}" },
        { "state._shared.rows.countBy(\"team\")", "{\"red\": 2, \"blue\": 1}" },
        { "state._shared.rows.groupBy(r, r.team)", "{\"red\": [{\"team\": \"red\", \"n\": 1}, {\"team\": \"red\", \"n\": 3}], \"blue\": [{\"team\": \"blue\", \"n\": 2}]}" },
        { "state._shared.rows.groupBy(k, k.n > 1)", "{false: [{\"team\": \"red\", \"n\": 1}], true: [{\"team\": \"blue\", \"n\": 2}, {\"team\": \"red\", \"n\": 3}]}" },
        { "_.countBy(state._shared.rows, r => r.team)", "{\"red\": 2, \"blue\": 1}" },
        { "Object.groupBy(state._shared.rows, r => r.team)[\"blue\"]", "[{\"team\": \"blue\", \"n\": 2}]" },
        { "Counter(r.team for r in state._shared.rows)", "{\"red\": 2, \"blue\": 1}" },
        { "Counter([r.team for r in state._shared.rows])", "{\"red\": 2, \"blue\": 1}" },
        { "Counter(state._shared.words)", "{\"b\": 1, \"a\": 1}" },
        { "state._shared.rows.map(r, r.team).countBy()", "{\"red\": 2, \"blue\": 1}" },
        { "agents.countBy(a, a.status)", "{\"active\": 1, \"idle\": 1}" },

        // Loops over maps that read the values' fields.
        { "agents.filter(a, a.status == \"idle\")", "[{\"status\": \"idle\"}]" },
        { "agents.map(a, a.status)", "[\"active\", \"idle\"]" },
        { "agents.exists(a, a.status == \"idle\")", "true" },
        { "agents.all(a, a.status == \"idle\")", "false" },
        { "agents.exists_one(a, a.status == \"idle\")", "true" },
        { "agents.count(a, a.status == \"idle\")", "1" },
        { "agents.filter(a, a[\"status\"] == \"idle\").size()", "1" },
        { "agents.filter(a => a.status === 'idle').length", "1" },
        { "agents.sortBy(a, a.status).map(a, a.role)", "[\"lead\", null]" },
        { "state.exists(s, s.score == 7)", "true" },
        { "state._tasks.filter(t => t.done).length", "1" },

        // Times.
        { "now < \"2030-01-01T00:00:00Z\"", "true" },
        { "now < \"2023-11-15\"", "true" },
        { "now - timestamp(0) > \"5m\"", "true" },
        { "now - timestamp(0) > 300", "true" },
        { "now + \"5m\" > now", "true" },
        { "now < state._shared.due or now - state._shared.due > '5m'", "true" },
        { "state._due.values().some(d => now < d.at)", "true" },

        // Numbers in text, and numbers where a length is taken.
        { "size(messages.unread) > 0", "true" },
        { "messages.count > \"3\"", "true" },
        { "messages.unread.size() > 0", "true" },

        // What holds figures and is taken for a list.
        { "messages.filter(m, m.body.contains(\"x\"))", "[{\"from\": \"alice\", \"body\": \"x\"}]" },
        { "messages.exists(m => m.from === \"bob\")", "true" },
        { "messages.all(m, m.from == \"bob\")", "false" },
        { "messages.map(m, m.body)", "[\"hi\", \"x\"]" },
        { "messages.findLast(m => m.from === \"bob\").body", "\"hi\"" },
        { "len([m for m in messages if m.from == \"bob\"])", "1" },
        { "SELECT body FROM messages WHERE from = 'bob'", "[\"hi\"]" },

        // Several at once.
        { "state._shared.items.filter(t => t.done === true && t.n !== 2).length > 0 and not (self == \"bob\")", "true" },
        { "!state._shared.items.some(t => !t.done) or len(state._shared.list) = 3", "true" },
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public void Compile_WhatAnotherLanguageHas_HintsAtAReplacementThatWorks(string attempt, string? expected)
    {
        var compiled = RoomCel.Environment.Compile(attempt);
        if (expected is null)
        {
            Assert.NotNull(compiled.Issue);
            return;
        }

        var roots = RoomCel.Roots(Room);
        var hint = compiled.Issue?.Hint;
        Assert.True(hint is not null, $"{attempt} compiles to {compiled.Program?.Evaluate(roots)} or has no hint");
        var replacement = Regex.Match(hint, "^Write `(.*)`\\.$", RegexOptions.Singleline).Groups[1].Value;
        Assert.True(replacement.Length > 0 && replacement != attempt, $"{attempt}: {compiled.Issue?.Message} {hint}");
        var program = RoomCel.Environment.Compile(replacement).Program;
        Assert.True(program is not null, $"{attempt}: {hint}");
        Assert.Equal($"{replacement} // {expected}", $"{replacement} // {program.Evaluate(roots)}");
    }

    /// <summary>What compiles, as the types are not known before, and fails for the values there are.</summary>
    [Theory]
    [InlineData("state._shared.words.contains(\"a\")", "true")]
    [InlineData("\"d\" in state._shared.name", "true")]
    [InlineData("\"round \" + state._shared.round", "\"round 3\"")]
    [InlineData("\"a\" + state._shared.round + \"b\" + state._shared.ratio", "\"a3b0.5\"")]
    [InlineData("state._shared.list.join(\"-\")", "\"3-1-2\"")]
    [InlineData("state._shared.absent > 3", "false")]
    [InlineData("state._shared.absent + 1", "1")]
    [InlineData("state._shared.absent.size()", "0")]
    [InlineData("size(state._shared.absent) == 0", "true")]
    [InlineData("state._shared.absent.startsWith(\"a\")", "false")]
    [InlineData("state._shared.numbers[-1]", "4")]
    [InlineData("state._shared.name.slice(0, 2)", "\"Ad\"")]
    [InlineData("\"n: \" + state._shared.absent", "\"n: \"")]
    [InlineData("now < state._shared.due", "false")]
    [InlineData("state._shared.due < now", "true")]
    [InlineData("now < state._shared.ends", "true")]
    [InlineData("now <= state._shared.ms", "true")]
    [InlineData("now < state._shared.missing", "false")]
    [InlineData("now - state._shared.due > duration(\"5m\")", "true")]
    [InlineData("now - state._shared.due > \"5m\"", "true")]
    [InlineData("now - state._shared.due > 300", "true")]
    [InlineData("now - state._shared.due > state._shared.wait", "true")]
    [InlineData("now > state._shared.due + state._shared.wait", "true")]
    [InlineData("now > state._shared.due + duration(\"1h\")", "false")]
    [InlineData("now - duration(\"1h\") < state._shared.due", "true")]
    [InlineData("now + state._shared.wait > timestamp(state._shared.due)", "true")]
    [InlineData("duration(\"5m\") < state._shared.wait", "true")]
    [InlineData("(now - state._shared.due).getMinutes()", "13")]
    [InlineData("state._shared.due.getHours()", "22")]
    [InlineData("self == \"alice\" && now < state._shared.due", "false")]
    [InlineData("state._due.values().exists(d, now < d.at)", "true")]
    [InlineData("state._due.filter(k, now < state._due[k].at)", "[\"b\"]")]
    [InlineData("state._due.exists(k, d, now < d.at)", "true")]
    [InlineData("state._shared.text > 3", "true")]
    [InlineData("3 < state._shared.text && state._shared.phase == \"playing\"", "true")]
    [InlineData("state._shared.text >= state._shared.round", "true")]
    [InlineData("state._shared.half > 2", "true")]
    [InlineData("state._shared.text * 2", "10")]
    [InlineData("state._shared.text - 1", "4")]
    [InlineData("state._shared.text + 1", "6")]
    [InlineData("state._shared.round > \"2\"", "true")]
    [InlineData("size(state._shared.round) > 2", "true")]
    [InlineData("state._shared.round.size() > 2", "true")]
    [InlineData("size(state._shared.list) > state._shared.text", "false")]
    [InlineData("state._tasks.filter(t, t.done)", "[{\"done\": true, \"by\": \"alice\"}]")]
    [InlineData("state._tasks.exists(t, t.by == \"alice\")", "true")]
    [InlineData("state._tasks.all(t, t.done)", "false")]
    [InlineData("state._tasks.map(t, t.by)", "[\"alice\", null]")]
    [InlineData("size(state._tasks.filter(t, t.done))", "1")]
    [InlineData("state._due.exists(d, now < d.at)", "true")]
    [InlineData("messages.recent.filter(m, m.from == \"bob\").size()", "1")]
    public void Evaluate_WhatFailsForItsValues_CanBeReplaced(string attempt, string expected)
    {
        var roots = RoomCel.Roots(Room);
        var program = RoomCel.Compile(attempt);
        Assert.True(program.Evaluate(roots).IsError);

        var replacement = program.Repaired(text => RoomCel.Environment.Compile(text).Program is { } other && !other.Evaluate(roots).IsError);

        Assert.True(replacement is not null, attempt);
        Assert.Equal($"{replacement} // {expected}", $"{replacement} // {RoomCel.Compile(replacement).Evaluate(roots)}");
    }

    /// <summary>What compiles, gives no error or not yet, and cannot be meant: told before anything is evaluated.</summary>
    [Theory]
    [InlineData("now < state._shared.due", "time_as_text", "now < timestamp(state._shared.due)", "false")]
    [InlineData("now < params.deadline", "time_as_text", "now < timestamp(params.deadline)", null)]
    [InlineData("params.deadline >= now", "time_as_text", "timestamp(params.deadline) >= now", null)]
    [InlineData("now == state._shared.due", "time_as_text", "now == timestamp(state._shared.due)", "false")]
    [InlineData("now != \"2023-11-14T22:13:20Z\"", "time_as_text", "now != timestamp(\"2023-11-14T22:13:20Z\")", "false")]
    [InlineData("now - state._shared.due > duration(\"5m\")", "time_as_text", "now - timestamp(state._shared.due) > duration(\"5m\")", "true")]
    [InlineData("duration(\"5m\") < state._shared.wait", "time_as_text", "duration(\"5m\") < duration(state._shared.wait)", "true")]
    [InlineData("state[self].due < now", "time_as_text", "timestamp(state[self].due) < now", null)]
    [InlineData("state._due.values().exists(d, now < d.at)", "time_as_text", "state._due.values().exists(d, now < timestamp(d.at))", "true")]
    [InlineData("state._due.exists(k, d, now < d.at)", "time_as_text", "state._due.exists(k, d, now < timestamp(d.at))", "true")]
    [InlineData("state._tasks.filter(t, t.done)", "keys_as_values", "state._tasks.values().filter(t, t.done)", "[{\"done\": true, \"by\": \"alice\"}]")]
    [InlineData("state[self].exists(t, t.done)", "keys_as_values", "state[self].values().exists(t, t.done)", null)]
    [InlineData("state._due.exists(d, now < d.at)", "keys_as_values", "state._due.values().exists(d, now < timestamp(d.at))", "true")]
    [InlineData("messages[0].body", "figures_as_list", "state._messages.values()[0].body", "\"hi\"")]
    [InlineData("messages[-1].body", "figures_as_list", "state._messages.values()[size(state._messages.values()) - 1].body", "\"x\"")]
    [InlineData("messages.size()", "figures_as_list", "size(state._messages.values())", "2")]
    [InlineData("size(messages) > 1", "figures_as_list", "size(state._messages.values()) > 1", "true")]
    [InlineData("messages.recent", "figures_as_list", "state._messages.values()", "[{\"from\": \"bob\", \"body\": \"hi\"}, {\"from\": \"alice\", \"body\": \"x\"}]")]
    [InlineData("messages.values().size()", "figures_as_list", "size(state._messages.values())", "2")]
    public void Compile_OfWhatCannotBeMeant_WarnsWithAReplacementThatWorks(string attempt, string code, string replacement, string? expected)
    {
        var warning = Assert.Single(RoomCel.Compile(attempt).Warnings, warning => warning.Code == code);

        Assert.Equal($"Write `{replacement}`.", warning.Hint);
        var repaired = RoomCel.Compile(replacement);
        Assert.Empty(repaired.Warnings);
        if (expected is not null)
        {
            Assert.Equal(expected, repaired.Evaluate(RoomCel.Roots(Room)).ToString());
        }
    }

    [Theory]
    [InlineData("now < timestamp(state._shared.due)")]
    [InlineData("now - timestamp(state._shared.due) > duration(state._shared.wait)")]
    [InlineData("state._shared.due == null || timestamp(state._shared.due) < now")]
    [InlineData("cel.bind(t, timestamp(state._shared.due), now < t)")]
    [InlineData("[timestamp(0)].exists(t, t < now)")]
    [InlineData("state._shared.rows.filter(r, r.n > 1)")]
    [InlineData("state._tasks.filter(k, state._tasks[k].done)")]
    [InlineData("state._tasks.exists(k, t, t.done)")]
    [InlineData("agents.exists(id, id != self && agents[id].status == \"idle\")")]
    [InlineData("messages.count > 3 && messages[\"unread\"] == 2 && \"count\" in messages")]
    [InlineData("now == null")]
    [InlineData("agents.exists(id, now - agents[id].last_heartbeat > duration(\"1m\"))")]
    [InlineData("agents.values().exists(a, now - a.last_heartbeat > duration(\"1m\"))")]
    [InlineData("views.deadline > now")]
    public void Compile_OfWhatIsRight_IsNotDoubted(string expression) => Assert.Empty(RoomCel.Compile(expression).Warnings);

    /// <summary>Whatever is written, finding what was meant ends soon and throws nothing.</summary>
    [Fact]
    public void Compile_OfPiecesOfOtherLanguages_Ends()
    {
        var pieces = Attempts.SelectMany(row => row.Data.Item1.Split(' ')).ToArray();
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            RoomCel.Environment.Compile(string.Join(' ', Enumerable.Range(0, random.Next(1, 30)).Select(_ => pieces[random.Next(pieces.Length)])));
        }

        foreach (var hostile in new[] { "(", "[", "{", "!", "-", "not ", "x => ", "f\"{", "if ", "a ? ", "lambda x: ", "SELECT a FROM ", "`${", "a.b(", "let x = 1; ", "new " })
        {
            RoomCel.Environment.Compile(string.Concat(Enumerable.Repeat(hostile, 8000 / hostile.Length)));
        }
    }
}
