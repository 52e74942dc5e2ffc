using System.Collections.Frozen;
using System.Text;

namespace Sync.Engine.Primitives.Errors;

/// <summary>Words that other systems have for what Sync calls otherwise. Each line is one meaning; a word may have several. A word for a deed is never taken for a slip of another.</summary>
internal static class Synonyms
{
    private static readonly string[][] s_deeds =
    [
        ["register", "add", "create", "define", "declare", "new", "put"],
        ["delete", "remove", "unregister", "deregister", "drop", "erase", "destroy", "unset", "undefine"],
        ["invoke", "call", "run", "execute", "perform", "do", "trigger"],
        ["read", "get", "fetch", "load", "show", "view", "describe"],
        ["list", "all", "enumerate", "browse"],
        ["send", "post", "say", "publish", "write", "emit"],
        ["wait", "await", "poll", "watch", "listen", "sleep", "block"],
        ["disembody", "leave", "exit", "quit", "release", "part", "unembody"],
        ["embody", "become", "impersonate", "act"],
        ["join", "enter"],
        ["eval", "evaluate", "compute", "query"],
        ["help", "docs", "manual", "guide", "instructions"],
        ["explain", "why"],
        ["renew", "refresh", "extend", "touch"],
    ];

    private static readonly string[][] s_things =
    [
        // Where and who.
        ["room", "roomid", "channel", "space", "workspace"],
        ["agent", "agentid", "actor", "participant"],
        ["id", "name", "identifier"],
        ["lobby", "overview", "home", "dashboard"],
        ["messages", "message", "chat", "inbox"],
        ["username", "user", "member", "email"],

        // What is sent.
        ["params", "parameters", "arguments", "args", "input", "inputs", "properties", "payload"],
        ["steps", "operations", "ops", "calls", "commands", "invocations", "requests", "actions"],
        ["action", "actionid", "tool", "function", "command"],
        ["only", "sections", "section", "fields", "parts", "select", "keys"],
        ["include", "with", "expand"],
        ["expr", "expression", "cel", "formula", "code", "query"],
        ["condition", "until", "predicate", "expression", "expr", "cel", "when"],
        ["timeout", "timeoutms", "maxwait", "waitms", "timeoutseconds", "duration"],
        ["if", "guard", "condition", "precondition", "when", "requires"],
        ["enabled", "visible", "active", "visibility"],
        ["writes", "write", "effects", "effect", "mutations", "updates", "set"],
        ["result", "returns", "return", "output", "response"],
        ["value", "val", "data", "content"],
        ["body", "text", "message", "content", "msg"],
        ["to", "recipient", "recipients", "target", "sendto"],
        ["replyto", "inreplyto", "replyingto", "parent", "thread"],
        ["kind", "type", "category"],
        ["type", "kind"],
        ["description", "desc", "summary", "doc"],
        ["render", "surface", "display", "ui", "widget"],
        ["holder", "owner", "heldby", "claimedby", "agent", "who"],
        ["expiresat", "expires", "expiry", "until", "deadline"],
        ["takenat", "claimedat", "since"],
        ["timer", "ttl", "expires", "expiry"],
        ["dryrun", "preview", "simulate", "test"],
        ["requestid", "idempotencykey", "idempotency", "requestkey"],
        ["ifversion", "version", "etag", "ifmatch"],
        ["since", "from", "cursor"],
        ["after", "cursor", "from", "offset"],
        ["limit", "count", "max", "top", "pagesize", "size"],
        ["depth", "detail", "verbosity", "level"],
        ["budget", "maxtokens", "tokens", "tokenbudget"],
        ["required", "mandatory", "nonempty"],
        ["enum", "choices", "options", "values", "allowed", "oneof"],
        ["minimum", "min"],
        ["maximum", "max"],
        ["minlength", "minlen"],
        ["maxlength", "maxlen"],
        ["pattern", "regex", "regexp"],
        ["increment", "add", "inc", "incrementby", "delta"],
        ["append", "push", "insert"],
        ["merge", "patch", "update"],
        ["path", "field", "property", "pointer"],
        ["columns", "cols", "headers"],
        ["label", "title", "caption", "heading"],
        ["key", "help", "topic"],
        ["q", "query", "search", "text", "term"],
        ["scope", "scopes", "permissions", "namespace", "from", "to", "in", "into", "collection"],
        ["status", "state"],
        ["role", "roles"],

        // What is held, asked for and stopped.
        ["key", "resource", "lock", "lease", "thing", "leasekey", "lockname"],
        ["paths", "files", "file", "path", "globs", "patterns", "filepaths"],
        ["ttlms", "ttl", "ttlseconds", "leasems", "expiresin", "expiresinms", "durationms", "leasetime"],
        ["note", "reason", "comment", "why", "purpose"],
        ["approval", "approvalid", "requestid"],
        ["decision", "verdict", "outcome", "choice"],
        ["what", "target", "subject"],
        ["approve", "approval", "approvals", "gate", "confirmation", "requiresapproval"],
        ["because", "cause", "causedby", "parent", "inresponseto"],
        ["fence", "fencingtoken", "leasetoken"],
        ["waitms", "wait", "block", "blocking"],
    ];

    // Each word with all that mean the same: names are compared with every action of a room.
    private static readonly FrozenDictionary<string, FrozenSet<string>> s_synonyms = s_deeds.Concat(s_things)
        .SelectMany(static meaning => meaning.Select(word => (Word: word, Meaning: meaning)))
        .GroupBy(static entry => entry.Word, StringComparer.Ordinal)
        .ToFrozenDictionary(static word => word.Key, static word => word.SelectMany(static entry => entry.Meaning).ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_verbs = s_deeds.SelectMany(static meaning => meaning).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The words of a name, in small letters: <c>_sendMessage</c> and <c>send-message</c> have the same.</summary>
    public static List<string> WordsOf(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var before = '\0';
        foreach (var letter in name)
        {
            if (!char.IsLetterOrDigit(letter) || (char.IsUpper(letter) && char.IsLower(before)))
            {
                Take(words, word);
            }

            if (char.IsLetterOrDigit(letter))
            {
                word.Append(char.ToLowerInvariant(letter));
            }

            before = letter;
        }

        Take(words, word);
        return words;
    }

    /// <summary>Whether two names mean the same: as a whole, or word by word.</summary>
    public static bool Mean(List<string> left, List<string> right) =>
        left.Count > 0 && right.Count > 0
        && (AreOne(string.Concat(left), string.Concat(right)) || (left.Count == right.Count && left.Zip(right).All(static pair => AreOne(pair.First, pair.Second))));

    /// <summary>Whether a word says what is done.</summary>
    public static bool IsVerb(string word) => s_verbs.Contains(word);

    private static bool AreOne(string left, string right) =>
        left == right || (s_synonyms.TryGetValue(left, out var others) && others.Contains(right));

    private static void Take(List<string> words, StringBuilder word)
    {
        if (word.Length > 0)
        {
            words.Add(word.ToString());
            word.Clear();
        }
    }
}
