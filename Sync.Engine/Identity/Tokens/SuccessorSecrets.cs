using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Primitives.Files;

namespace Sync.Engine.Identity.Tokens;

/// <summary>
/// The pair of secrets that a refresh token is exchanged for, derived from it under a key of the server: only hashes are stored, and an answer that was lost, or that
/// two sessions of one program ask for at once, has to be given again. Whoever holds the refresh token gets the pair anyway; without the key nobody derives it.
/// <para>The key lies in the data folder beside those of the cookies, made at first use. Without it no pair is given twice, and nothing else is lost. Thread-safe.</para>
/// </summary>
internal sealed class SuccessorSecrets
{
    private const string Folder = "keys";
    private const string FileName = "refresh.key";
    private const int KeyBytes = 32;

    private readonly Lazy<byte[]> _key;

    private SuccessorSecrets(string directory) => _key = new Lazy<byte[]>(() => ReadOrMake(Path.Combine(directory, Folder)));

    /// <summary>The secrets of a data folder.</summary>
    public static SuccessorSecrets Open(string dataDirectory) => new(dataDirectory);

    /// <summary>The access and the refresh secret that follow a refresh secret.</summary>
    public (string Access, string Refresh) Of(string refreshSecret) =>
        (Derive(Secret.UserPrefix, refreshSecret), Derive(Secret.RefreshPrefix, refreshSecret));

    // 256 bits of a keyed hash are as good as the random ones of a first secret; the prefix keeps the two apart.
    private string Derive(string prefix, string refreshSecret) =>
        prefix + Base64Url.EncodeToString(HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes($"{prefix} after {refreshSecret}")));

    private static byte[] ReadOrMake(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            Make(folder, path);
        }

        var key = File.ReadAllBytes(path);
        return key.Length == KeyBytes ? key : throw new InvalidDataException($"The key '{path}' is damaged. Remove it; the server makes another.");
    }

    // Written aside and moved, so that a crash leaves no half of a key.
    private static void Make(string folder, string path)
    {
        OwnerOnly.CreateFolder(folder);
        var aside = Path.Combine(folder, $"{FileName}.{Secret.NewId("")}");
        using (var file = new FileStream(aside, OwnerOnly.File(FileMode.CreateNew, FileAccess.Write, FileShare.Read)))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key counts.
            File.Delete(aside);
        }
    }
}
