namespace Sync.Engine.Primitives.Json;

/// <summary>A typed answer that is also JSON for who is not in the process. The bytes are made when they are asked for.</summary>
public interface IJsonAnswer
{
    /// <summary>The whole answer as UTF-8 JSON.</summary>
    ReadOnlyMemory<byte> Json { get; }
}
