using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Sync.Web.Tests.Hosting;

/// <summary>Tokens as the OAuth flow stores them, put in beside the running server.</summary>
internal static class OAuthTokens
{
    /// <summary>Puts a token in.</summary>
    /// <param name="host">Where.</param>
    /// <param name="user">The name of its user.</param>
    /// <param name="scope">Its scope.</param>
    /// <param name="client">The client it is issued to.</param>
    /// <param name="issuedAt">When; long ago unless said.</param>
    public static async Task<string> IssueAsync(SyncHost host, string user, string scope, string client = "client-1", DateTimeOffset? issuedAt = null)
    {
        var secret = "tok_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(host.DataDirectory, "sync.db")}");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO tokens (id, hash, scope, user_id, created_ms, kind, client_id)
            SELECT $id, $hash, $scope, id, $created, 'Token', $client FROM users WHERE name = $user
            """;
        command.Parameters.AddWithValue("$id", SyncHost.NewName("token"));
        command.Parameters.AddWithValue("$hash", SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        command.Parameters.AddWithValue("$scope", scope);
        command.Parameters.AddWithValue("$user", user);
        command.Parameters.AddWithValue("$client", client);
        command.Parameters.AddWithValue("$created", issuedAt?.ToUnixTimeMilliseconds() ?? 1);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        return secret;
    }
}
