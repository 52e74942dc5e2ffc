using System.Formats.Cbor;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Sync.Web.Tests.Hosting;

/// <summary>The key pair of a passkey.</summary>
/// <param name="cose">The public key (RFC 9052 §7).</param>
/// <param name="sign">Signs as WebAuthn §6.5.5 wants it for the key's algorithm.</param>
/// <param name="secret">What holds the private key.</param>
internal sealed class PasskeyKey(byte[] cose, Func<byte[], byte[]> sign, IDisposable secret) : IDisposable
{
    public byte[] Cose => cose;

    public byte[] Sign(byte[] data) => sign(data);

    public void Dispose() => secret.Dispose();

    /// <summary>The key of an algorithm by its number (RFC 9053 §2).</summary>
    public static PasskeyKey Of(int algorithm) => algorithm switch
    {
        -7 => Es256(),
        -8 => EdDsa(),
        -257 => Rs256(),
        -35 => Ecdsa(ECDsa.Create(ECCurve.NamedCurves.nistP384), HashAlgorithmName.SHA384, algorithm: -35, curve: 2),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such key."),
    };

    public static PasskeyKey Es256(byte[]? pkcs8 = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (pkcs8 is not null)
        {
            key.ImportPkcs8PrivateKey(pkcs8, out _);
        }

        return Ecdsa(key, HashAlgorithmName.SHA256, algorithm: -7, curve: 1);
    }

    private static PasskeyKey Ecdsa(ECDsa key, HashAlgorithmName hash, int algorithm, int curve)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new(Encode(2, algorithm, (-1, curve), (-2, point.X!), (-3, point.Y!)), data => key.SignData(data, hash, DSASignatureFormat.Rfc3279DerSequence), key); // A named curve's key has both.
    }

    private static PasskeyKey EdDsa()
    {
        var key = Key.Create(SignatureAlgorithm.Ed25519);
        return new(Encode(1, -8, (-1, 6), (-2, key.PublicKey.Export(KeyBlobFormat.RawPublicKey))), data => SignatureAlgorithm.Ed25519.Sign(key, data), key);
    }

    private static PasskeyKey Rs256()
    {
        var key = RSA.Create(2048);
        var numbers = key.ExportParameters(includePrivateParameters: false);
        return new(Encode(3, -257, (-1, numbers.Modulus!), (-2, numbers.Exponent!)), data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), key); // An RSA key has both.
    }

    private static byte[] Encode(int type, int algorithm, params (int Label, object Value)[] parameters)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(2 + parameters.Length);
        writer.WriteInt32(1);
        writer.WriteInt32(type);
        writer.WriteInt32(3);
        writer.WriteInt32(algorithm);
        foreach (var (label, value) in parameters)
        {
            writer.WriteInt32(label);
            if (value is byte[] bytes)
            {
                writer.WriteByteString(bytes);
            }
            else
            {
                writer.WriteInt32((int)value);
            }
        }

        writer.WriteEndMap();
        return writer.Encode();
    }
}
