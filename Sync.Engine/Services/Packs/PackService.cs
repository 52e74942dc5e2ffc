using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Packs;

namespace Sync.Engine.Services.Packs;

/// <summary>Packs as documents. Putting one in or taking one out is an action: <c>_install_pack</c>, <c>_uninstall_pack</c>.</summary>
public sealed class PackService
{
    private const string FirstVersion = "1.0.0";

    private static readonly Lazy<IReadOnlyList<PackOutline>> s_outlines = new(static () => [.. BuiltInPacks.Names.Select(static name => PackOutline.Of(BuiltInPacks.Find(name)!))]); // Built in under each of these names.

    private readonly RoomAuthorizer _authorizer;

    internal PackService(RoomAuthorizer authorizer) => _authorizer = authorizer;

    /// <summary>Names of the packs that are built in.</summary>
    public static IReadOnlyList<string> BuiltIn => BuiltInPacks.Names;

    /// <summary>What each pack that is built in brings, the simplest first.</summary>
    public static IReadOnlyList<PackOutline> Outlines => s_outlines.Value;

    /// <summary>The JSON schema of all packs.</summary>
    public static string Schema => BuiltInPacks.Read("pack.schema.json");

    /// <summary>A pack that is built in, as it is written; null for none of this name.</summary>
    public static string? Document(string name) => BuiltInPacks.Names.Contains(name) ? BuiltInPacks.Read($"{name}.json") : null;

    /// <summary>A room's definitions, help texts and roles as a pack: UTF-8 JSON.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="room">The room.</param>
    /// <param name="name">The pack's name; null makes one of the room's id.</param>
    /// <param name="version">The pack's version; null is the first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <remarks>Errors: those of access, <c>invalid_pack</c> for a name or version that no pack may have.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ExportAsync(Caller caller, string room, string? name, string? version, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        (name, version) = (name ?? PackExport.NameOf(authorized.Record.Id), version ?? FirstVersion);
        if (!PackParser.Parse(new Pack { Name = name, Version = version, Parts = [] }.ToJson().ToElement(), authorized.Room.Limits).Try(out _, out error))
        {
            return error;
        }

        return await authorized.EvaluateAsync(
            (authorized, name, version),
            static t => Outcome<ReadOnlyMemory<byte>>.Of(PackExport.Of(new RoomActivation(t.authorized.Room.Now, VisibleScopes.Public, self: null, t.authorized.Room.NewBudget()), t.name, t.version, t.authorized.Record.Name).Memory),
            cancellationToken).ConfigureAwait(false);
    }
}
