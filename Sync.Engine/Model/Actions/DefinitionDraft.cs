using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Actions;

/// <summary>What definitions of actions and of views have alike, while one is being read.</summary>
/// <param name="language">Compiles its expressions.</param>
internal abstract class DefinitionDraft(RoomLanguage language)
{
    public RoomLanguage Language => language;

    public string Id { get; set; } = "";

    public string? Scope { get; set; }

    public string? Description { get; set; }

    public Expression? Enabled { get; set; }

    public TimerSpec? Timer { get; set; }

    /// <summary>The scope as it is meant: <c>_shared</c> when none is named, <paramref name="self"/> for <c>self</c>. Refused when it is none that a definition can have.</summary>
    public Outcome<string> ScopeFor(string? self)
    {
        var scope = Scope switch { null => ReservedScopes.Shared, ReservedScopes.Self => self, _ => Scope };
        if (scope is null)
        {
            return DefinitionFields.Bad("The scope 'self' needs an agent to stand for.", "scope");
        }

        return (Identifiers.CheckScope(scope) ?? WriteTemplate.EngineOnly(scope, "scope")) is { } bad ? bad : scope;
    }
}
