using System.Collections.Immutable;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>A write whose target and value are known, and whose mode is not applied yet.</summary>
/// <param name="Template">What it was made of.</param>
/// <param name="Field">Where that stands in the definition.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Value">The value, patch or amount; null for a deletion.</param>
/// <param name="Touched">The private scopes that the value was made of.</param>
/// <param name="ChosenFrom">The private scopes that its scope and key were made of.</param>
/// <param name="IfVersion">The version that the entry must still have; null where none is named.</param>
internal readonly record struct ResolvedWrite(
    WriteTemplate Template,
    string Field,
    WriteTarget Target,
    JsonText? Value,
    ImmutableArray<string> Touched,
    ImmutableArray<string> ChosenFrom,
    string? IfVersion);
