using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sync.Engine.Identity.Tokens;

/// <summary>
/// SHA-256 of a secret, as a dictionary key. Whoever presents a secret does not choose its hash, so neither look-ups nor
/// comparisons by hash tell anything about a secret that exists; equality is in fixed time all the same.
/// </summary>
internal readonly struct TokenHash : IEquatable<TokenHash>
{
    public const int Length = SHA256.HashSizeInBytes;

    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;

    public TokenHash(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Length)
        {
            throw new ArgumentException($"A hash has {Length} bytes.", nameof(hash));
        }

        var words = MemoryMarshal.Cast<byte, ulong>(hash);
        (_0, _1, _2, _3) = (words[0], words[1], words[2], words[3]);
    }

    public ImmutableArray<byte> ToBytes()
    {
        Span<ulong> words = [_0, _1, _2, _3];
        return ImmutableArray.Create(MemoryMarshal.AsBytes(words));
    }

    public bool Equals(TokenHash other) => ((_0 ^ other._0) | (_1 ^ other._1) | (_2 ^ other._2) | (_3 ^ other._3)) == 0;

    public override bool Equals(object? obj) => obj is TokenHash other && Equals(other);

    public override int GetHashCode() => _0.GetHashCode();
}
