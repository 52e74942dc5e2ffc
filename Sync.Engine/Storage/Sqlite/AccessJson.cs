using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Sync.Engine.Storage.Sqlite;

[JsonSerializable(typeof(ImmutableDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class AccessJson : JsonSerializerContext;
