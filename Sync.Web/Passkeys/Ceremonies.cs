using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Identity;
using Sync.Engine;
using Sync.Web.Accounts;
using Sync.Web.Api.Answers;
using Sync.Web.Api.Requests;
using Sync.Web.Options;

namespace Sync.Web.Passkeys;

/// <summary>A step of a ceremony: takes the body, gives an answer as JSON.</summary>
internal delegate Task<Outcome<string>> CeremonyStep(Ceremonies ceremonies, JsonElement body, HttpContext http);

/// <summary>
/// The passkey ceremonies. Each has two steps: options for the browser (WebAuthn §7.1 and §7.2, the challenge is kept in a short-lived protected cookie), and
/// the credential that it made or used. Whom a credential is for is taken from that cookie, never from the body; who may have one is asked in the engine, at
/// both steps. One instance per request.
/// </summary>
internal sealed partial class Ceremonies(SignInManager<SyncUser> passkeys, SyncEngine engine, DecoyPasskeys decoys, SpentChallenges spent, ILogger<Ceremonies> logger)
{
    // A credential with an attestation takes a few thousand.
    private const int MaxBody = 64 * 1024;

    /// <summary>Reads the request, takes the step, writes the answer.</summary>
    public static async Task AnswerAsync(HttpContext http, CeremonyStep step)
    {
        var services = http.RequestServices;
        var limits = services.GetRequiredService<SyncOptions>().Limits;
        var read = await RequestBody.ReadObjectAsync(http.Request, limits with { BodyBytes = MaxBody }, services.GetRequiredService<TimeProvider>());
        var outcome = read.Try(out var body, out var error) ? await step(services.GetRequiredService<Ceremonies>(), body, http) : error;
        if (outcome.Try(out var json, out error))
        {
            await ApiResponse.WriteAsync(http, ApiAnswer.Of(Encoding.UTF8.GetBytes(json)));
        }
        else
        {
            await ApiResponse.WriteErrorAsync(http, error);
        }
    }

    /// <summary><c>{user_name?}</c> → request options; without a name for whichever passkey the person picks.</summary>
    public async Task<Outcome<string>> SignInOptionsAsync(JsonElement body, CancellationToken cancellationToken)
    {
        if (!Refusals.Text(body, "user_name").Try(out var name, out var error))
        {
            return error;
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return await passkeys.MakePasskeyRequestOptionsAsync(user: null);
        }

        name = name.Trim();
        var user = SyncUser.Of(await engine.Users.FindByNameAsync(name, cancellationToken));
        var options = await passkeys.MakePasskeyRequestOptionsAsync(user);
        return user is null || (await engine.Users.PasskeysAsync(user.Id, cancellationToken)).Count == 0 ? decoys.Put(options, name) : options;
    }

    /// <summary><c>{credential, return?}</c> → <c>{next}</c>, signed in.</summary>
    public async Task<Outcome<string>> SignInAsync(JsonElement body, HttpContext http)
    {
        if (!Credential(body).Try(out var credential, out var error) || !Refusals.Text(body, "return").Try(out var back, out error))
        {
            return error;
        }

        if (!(await AssertAsync(credential, "sign-in", http.RequestAborted)).Try(out var user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(LocalPath.Of(back) ?? AccountPaths.Manage);
    }

    /// <summary><c>{user_name, setup?, invitation?}</c> → creation options.</summary>
    public async Task<Outcome<string>> RegisterOptionsAsync(JsonElement body, CancellationToken cancellationToken)
    {
        if (!Refusals.Text(body, "user_name").Try(out var name, out var error) || !Proof(body).Try(out var proof, out error))
        {
            return error;
        }

        name = name?.Trim() ?? "";
        return (await engine.Users.CheckRegistrationAsync(name, proof, cancellationToken)).Try(out var id, out error)
            ? await passkeys.MakePasskeyCreationOptionsAsync(Entity(id, name))
            : error;
    }

    /// <summary><c>{credential, setup?, invitation?, return?}</c> → <c>{next}</c>, registered and signed in.</summary>
    public async Task<Outcome<string>> RegisterAsync(JsonElement body, HttpContext http)
    {
        if (!Proof(body).Try(out var proof, out var error)
            || !Refusals.Text(body, "return").Try(out var back, out error)
            || !(await AttestAsync(body, "register")).Try(out var made, out error))
        {
            return error;
        }

        var room = proof.Invitation is { } secret && (await engine.Invitations.FindAsync(secret, http.RequestAborted)).Try(out var invitation, out _) ? invitation.Room : null;
        var record = PasskeyData.ToRecord(made.Passkey, BrowserName.Of(http.Request));
        if (!(await engine.Users.RegisterAsync(made.User.Id, made.User.Name, proof, record, http.RequestAborted)).Try(out var user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(LocalPath.Of(back) ?? (room is null ? AccountPaths.Manage : AccountPaths.Room(room)));
    }

    /// <summary><c>{user_name, code}</c> → creation options for another passkey of that user.</summary>
    public async Task<Outcome<string>> RecoverOptionsAsync(JsonElement body, CancellationToken cancellationToken) =>
        (await RecoveredAsync(body, cancellationToken)).Try(out var user, out var error)
            ? await passkeys.MakePasskeyCreationOptionsAsync(Entity(user.Id, user.Name))
            : error;

    /// <summary><c>{user_name, code, credential}</c> → <c>{next}</c>, signed in. The code is used up.</summary>
    public async Task<Outcome<string>> RecoverAsync(JsonElement body, HttpContext http)
    {
        if (!(await RecoveredAsync(body, http.RequestAborted)).Try(out var user, out var error) || !(await AttestAsync(body, "recover")).Try(out var made, out error))
        {
            return error;
        }

        if (made.User.Id != user.Id)
        {
            return TooLate();
        }

        var (name, code) = RecoveryProof(body);
        var record = PasskeyData.ToRecord(made.Passkey, BrowserName.Of(http.Request));
        if (!(await engine.Users.RecoverAsync(name, code, record, http.RequestAborted)).Try(out user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(AccountPaths.Manage);
    }

    /// <summary><c>{}</c> → request options for the passkeys of the signed-in person, who is asked once more.</summary>
    public async Task<Outcome<string>> ConfirmOptionsAsync(HttpContext http) =>
        BrowserSession.Of(http.User, engine).UserId is { } id
            ? await passkeys.MakePasskeyRequestOptionsAsync(SyncUser.Of(engine.Users.Find(id)))
            : SignedOut();

    /// <summary><c>{credential}</c> → <c>{}</c>: for a while the signed-in person may change how they sign in.</summary>
    public async Task<Outcome<string>> ConfirmAsync(JsonElement body, HttpContext http)
    {
        if (!Credential(body).Try(out var credential, out var error)
            || !(await AssertAsync(credential, "confirm", http.RequestAborted)).Try(out var user, out error)
            || !engine.Users.Confirm(BrowserSession.Of(http.User, engine), user.Id).Try(out _, out error))
        {
            return error;
        }

        return "{}";
    }

    /// <summary><c>{}</c> → creation options for another passkey of the signed-in person.</summary>
    public async Task<Outcome<string>> AddOptionsAsync(HttpContext http) =>
        BrowserSession.Of(http.User, engine) is { UserId: { } id, UserName: { } name } caller
            ? engine.Users.ConfirmationRefusal(caller) is { } refusal ? refusal : await passkeys.MakePasskeyCreationOptionsAsync(Entity(id, name))
            : SignedOut();

    /// <summary><c>{credential, name?}</c> → <c>{id, name}</c>, added to the signed-in person's passkeys.</summary>
    public async Task<Outcome<string>> AddAsync(JsonElement body, HttpContext http)
    {
        if (!Refusals.Text(body, "name").Try(out var name, out var error) || !(await AttestAsync(body, "add")).Try(out var made, out error))
        {
            return error;
        }

        // Signed out, or in as somebody else, since the options were made.
        var caller = BrowserSession.Of(http.User, engine);
        if (caller.UserId is not { } id || made.User.Id != id)
        {
            return SignedOut();
        }

        var record = PasskeyData.ToRecord(made.Passkey, string.IsNullOrWhiteSpace(name) ? BrowserName.Of(http.Request) : name.Trim());
        return (await engine.Users.AddPasskeyAsync(caller, record, http.RequestAborted)).Try(out var added, out error)
            ? new JsonObject { ["id"] = System.Buffers.Text.Base64Url.EncodeToString(added.CredentialId.Span), ["name"] = added.Name }.ToJsonString()
            : error;
    }

    // A passkey that was used, and whose it is (WebAuthn §7.2).
    private async Task<Outcome<UserInfo>> AssertAsync(string credential, string ceremony, CancellationToken cancellationToken)
    {
        PasskeyAssertionResult<SyncUser> assertion;
        try
        {
            assertion = await passkeys.PerformPasskeyAssertionAsync(credential);
        }
        catch (InvalidOperationException)
        {
            // What the library throws when the cookie of the first step is not there, or of another ceremony. What fails in the verification is a result.
            return TooLate();
        }

        if (!assertion.Succeeded || engine.Users.Find(assertion.User.Id) is not { } user)
        {
            LogRefused(ceremony, Reason(assertion.Failure) ?? "no such user");
            return NoSignIn();
        }

        if (!spent.Spend(credential))
        {
            return TooLate();
        }

        // Its counter has moved; a copy of it would fall behind and be noticed (WebAuthn §6.1.1).
        var stored = (await engine.Users.PasskeysAsync(user.Id, cancellationToken)).FirstOrDefault(passkey => passkey.CredentialId.Span.SequenceEqual(assertion.Passkey.CredentialId));
        if (stored is null || !PasskeyData.Follows(stored, assertion.Passkey))
        {
            LogRefused(ceremony, "removed or used since it was verified");
            return NoSignIn();
        }

        return (await engine.Users.UsePasskeyAsync(user.Id, stored, PasskeyData.ToJson(assertion.Passkey), cancellationToken)).Try(out _, out var error) ? user
            : error.Code == ErrorCode.NotFound ? NoSignIn()
            : error;
    }

    private async Task<Outcome<Made>> AttestAsync(JsonElement body, string ceremony)
    {
        if (!Credential(body).Try(out var credential, out var error))
        {
            return error;
        }

        PasskeyAttestationResult attestation;
        try
        {
            attestation = await passkeys.PerformPasskeyAttestationAsync(credential);
        }
        catch (InvalidOperationException)
        {
            // As for a sign-in.
            return TooLate();
        }

        if (attestation.Succeeded)
        {
            return spent.Spend(credential) ? new Made(attestation.UserEntity, attestation.Passkey) : TooLate();
        }

        LogRefused(ceremony, Reason(attestation.Failure) ?? "");
        return new SyncError(ErrorCode.InvalidParameter, "The passkey could not be verified.") { Hint = "Try again; if it stays so, try another device or browser." };
    }

    private Task<Outcome<UserInfo>> RecoveredAsync(JsonElement body, CancellationToken cancellationToken)
    {
        var (name, code) = RecoveryProof(body);
        return engine.Users.CheckRecoveryAsync(name, code, cancellationToken);
    }

    // Whatever is no text is no code: the refusal does not tell which of the two was wrong.
    private static (string Name, string Code) RecoveryProof(JsonElement body) => (TextOrEmpty(body, "user_name"), TextOrEmpty(body, "code"));

    private static string TextOrEmpty(JsonElement body, string field) => Refusals.Text(body, field).Try(out var text, out _) ? text?.Trim() ?? "" : "";

    private static Outcome<string> Credential(JsonElement body) =>
        body.TryGetProperty("credential", out var credential) && credential.ValueKind == JsonValueKind.Object
            ? credential.GetRawText()
            : Refusals.Missing("credential", "the credential as JSON, as the browser gives it");

    private static Outcome<RegistrationProof> Proof(JsonElement body) =>
        Refusals.Text(body, "setup").Try(out var setup, out var error) && Refusals.Text(body, "invitation").Try(out var invitation, out error)
            ? new RegistrationProof(Given(setup), Given(invitation))
            : error;

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static PasskeyUserEntity Entity(string id, string name) => new() { Id = id, Name = name, DisplayName = name };

    private static string Next(string path) => new JsonObject { ["next"] = path }.ToJsonString();

    // It quotes what the client sent, which must not look like other lines of the log.
    private static string? Reason(Exception? failure) =>
        failure is null ? null : string.Concat(failure.Message.Take(300).Select(static character => char.IsControl(character) ? '\uFFFD' : character));

    private static SyncError NoSignIn() =>
        new(ErrorCode.InvalidParameter, "This passkey does not sign in here.") { Hint = "It may have been removed. Try another one, or recover the account." };

    private static SyncError TooLate() => new(ErrorCode.InvalidParameter, "This took too long, or was begun in another tab.") { Hint = "Try again." };

    private static SyncError SignedOut() => new(ErrorCode.AuthenticationRequired, "You are signed out.") { Hint = "Sign in and try again." };

    [LoggerMessage(LogLevel.Information, "A passkey was refused ({Ceremony}): {Reason}")]
    private partial void LogRefused(string ceremony, string reason);

    /// <summary>A passkey that was just made, and for whom.</summary>
    private sealed record Made(PasskeyUserEntity User, UserPasskeyInfo Passkey);
}
