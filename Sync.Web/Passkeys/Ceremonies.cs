using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fido2NetLib.Objects;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.Passkeys;

/// <summary>A step of a ceremony: takes the body, gives an answer as JSON.</summary>
internal delegate Task<Outcome<string>> CeremonyStep(Ceremonies ceremonies, JsonElement body, HttpContext http);

/// <summary>
/// The passkey ceremonies. Each has two steps: options for the browser (WebAuthn §7.1 and §7.2, the challenge is kept in a short-lived protected cookie), and
/// the credential that it made or used. Whom a credential is for is taken from that cookie, never from the body; who may have one is asked in the engine, at
/// both steps. Holds no state of a ceremony.
/// </summary>
internal sealed class Ceremonies(PasskeyVerifier verifier, CeremonyCookie cookie, SyncEngine engine, DecoyPasskeys decoys, ChallengeReplayCache spent, TimeProvider time)
{
    // A credential with an attestation takes a few thousand.
    private const int MaxBody = 64 * 1024;

    private const string SignIn = "sign-in";
    private const string Register = "register";
    private const string Recover = "recover";
    private const string ByLink = "link";
    private const string Confirming = "confirm";
    private const string Add = "add";

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
    public async Task<Outcome<string>> SignInOptionsAsync(JsonElement body, HttpContext http)
    {
        if (!Refusals.Text(body, "user_name").Try(out var name, out var error))
        {
            return error;
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return UseOptions(http, SignIn, userId: null, []);
        }

        name = name.Trim();
        var user = await engine.Users.FindByNameAsync(name, http.RequestAborted);
        var passkeys = await engine.Users.PasskeysAsync(user?.Id ?? DecoyPasskeys.UserId, http.RequestAborted);
        return user is null || passkeys.Count == 0
            ? UseOptions(http, SignIn, DecoyPasskeys.UserId, [decoys.Of(name)])
            : UseOptions(http, SignIn, user.Id, passkeys.Select(PasskeyVerifier.Descriptor));
    }

    /// <summary><c>{credential, return?}</c> → <c>{next}</c>, signed in.</summary>
    public async Task<Outcome<string>> SignInAsync(JsonElement body, HttpContext http)
    {
        if (!Refusals.Text(body, "return").Try(out var back, out var error) || !(await UsedAsync(body, SignIn, http)).Try(out var user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(LocalPath.Of(back) ?? AccountPaths.Manage);
    }

    /// <summary><c>{user_name, setup?, invitation?}</c> → creation options.</summary>
    public async Task<Outcome<string>> RegisterOptionsAsync(JsonElement body, HttpContext http)
    {
        if (!Refusals.Text(body, "user_name").Try(out var name, out var error) || !Proof(body).Try(out var proof, out error))
        {
            return error;
        }

        name = name?.Trim() ?? "";
        return (await engine.Users.CheckRegistrationAsync(name, proof, http.RequestAborted)).Try(out var id, out error)
            ? await MakeOptionsAsync(http, Register, id, name)
            : error;
    }

    /// <summary><c>{credential, setup?, invitation?, return?, adopt?}</c> → <c>{next}</c>, registered and signed in.</summary>
    public async Task<Outcome<string>> RegisterAsync(JsonElement body, HttpContext http)
    {
        if (!Proof(body).Try(out var proof, out var error)
            || !Refusals.Text(body, "return").Try(out var back, out error)
            || !(await MadeAsync(body, Register, http)).Try(out var made, out error))
        {
            return error;
        }

        var room = proof.Invitation is { } secret && (await engine.Invitations.FindAsync(secret, http.RequestAborted)).Try(out var invitation, out _) ? invitation.Room : null;
        var record = made.Passkey.ToRecord(BrowserName.Of(http.Request), time.GetUtcNow());
        if (!(await engine.Users.RegisterAsync(made.UserId, made.UserName, proof, record, http.RequestAborted)).Try(out var user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(LocalPath.Of(back) ?? (room is null ? AccountPaths.Manage : AccountPaths.Room(room)));
    }

    /// <summary><c>{user_name, code}</c> → creation options for another passkey of that user.</summary>
    public async Task<Outcome<string>> RecoverOptionsAsync(JsonElement body, HttpContext http) =>
        (await RecoveredAsync(body, http.RequestAborted)).Try(out var user, out var error)
            ? await MakeOptionsAsync(http, Recover, user.Id, user.Name)
            : error;

    /// <summary><c>{user_name, code, credential}</c> → <c>{next}</c>, signed in. The code is used up.</summary>
    public async Task<Outcome<string>> RecoverAsync(JsonElement body, HttpContext http)
    {
        if (!(await RecoveredAsync(body, http.RequestAborted)).Try(out var user, out var error) || !(await MadeAsync(body, Recover, http)).Try(out var made, out error))
        {
            return error;
        }

        if (made.UserId != user.Id)
        {
            return TooLate();
        }

        var (name, code) = RecoveryProof(body);
        var record = made.Passkey.ToRecord(BrowserName.Of(http.Request), time.GetUtcNow());
        if (!(await engine.Users.RecoverAsync(name, code, record, http.RequestAborted)).Try(out user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(AccountPaths.Manage);
    }

    /// <summary><c>{code}</c> → creation options for another passkey of the user whom the link is for.</summary>
    public async Task<Outcome<string>> LinkOptionsAsync(JsonElement body, HttpContext http) =>
        (await engine.Users.CheckPasskeyLinkAsync(TextOrEmpty(body, "code"), http.RequestAborted)).Try(out var user, out var error)
            ? await MakeOptionsAsync(http, ByLink, user.Id, user.Name)
            : error;

    /// <summary><c>{code, credential}</c> → <c>{next}</c>, signed in. The link is used up.</summary>
    public async Task<Outcome<string>> LinkAsync(JsonElement body, HttpContext http)
    {
        var code = TextOrEmpty(body, "code");
        if (!(await engine.Users.CheckPasskeyLinkAsync(code, http.RequestAborted)).Try(out var user, out var error) || !(await MadeAsync(body, ByLink, http)).Try(out var made, out error))
        {
            return error;
        }

        if (made.UserId != user.Id)
        {
            return TooLate();
        }

        var record = made.Passkey.ToRecord(BrowserName.Of(http.Request), time.GetUtcNow());
        if (!(await engine.Users.RecoverByLinkAsync(code, record, http.RequestAborted)).Try(out user, out error))
        {
            return error;
        }

        await SessionCookie.SignInAsync(http, user);
        return Next(AccountPaths.Manage + "/passkeys");
    }

    /// <summary><c>{}</c> → request options for the passkeys of the signed-in person, who is asked once more.</summary>
    public async Task<Outcome<string>> ConfirmOptionsAsync(HttpContext http) =>
        BrowserSession.Of(http.User, engine).UserId is { } id
            ? await UseOptionsAsync(http, Confirming, id)
            : SignedOut();

    /// <summary><c>{credential}</c> → <c>{}</c>: for a while the signed-in person may change how they sign in.</summary>
    public async Task<Outcome<string>> ConfirmAsync(JsonElement body, HttpContext http)
    {
        if (!(await UsedAsync(body, Confirming, http)).Try(out var user, out var error)
            || !engine.Users.Confirm(BrowserSession.Of(http.User, engine), user.Id).Try(out _, out error))
        {
            return error;
        }

        return "{}";
    }

    /// <summary><c>{}</c> → creation options for another passkey of the signed-in person.</summary>
    public async Task<Outcome<string>> AddOptionsAsync(HttpContext http) =>
        BrowserSession.Of(http.User, engine) is { UserId: { } id, UserName: { } name } caller
            ? engine.Users.ConfirmationRefusal(caller) is { } refusal ? refusal : await MakeOptionsAsync(http, Add, id, name)
            : SignedOut();

    /// <summary><c>{credential, name?}</c> → <c>{id, name}</c>, added to the signed-in person's passkeys.</summary>
    public async Task<Outcome<string>> AddAsync(JsonElement body, HttpContext http)
    {
        if (!Refusals.Text(body, "name").Try(out var name, out var error) || !(await MadeAsync(body, Add, http)).Try(out var made, out error))
        {
            return error;
        }

        // Signed out, or in as somebody else, since the options were made.
        var caller = BrowserSession.Of(http.User, engine);
        if (caller.UserId is not { } id || made.UserId != id)
        {
            return SignedOut();
        }

        var record = made.Passkey.ToRecord(string.IsNullOrWhiteSpace(name) ? BrowserName.Of(http.Request) : name.Trim(), time.GetUtcNow());
        return (await engine.Users.AddPasskeyAsync(caller, record, http.RequestAborted)).Try(out var added, out error)
            ? new JsonObject { ["id"] = System.Buffers.Text.Base64Url.EncodeToString(added.CredentialId.Span), ["name"] = added.Name }.ToJsonString()
            : error;
    }

    private async Task<Outcome<string>> MakeOptionsAsync(HttpContext http, string kind, string userId, string userName)
    {
        var options = verifier.CreationOptions(http, userId, userName, await engine.Users.PasskeysAsync(userId, http.RequestAborted));
        cookie.Begin(http, kind, options.Challenge, userId, userName);
        return options.ToJson();
    }

    private async Task<Outcome<string>> UseOptionsAsync(HttpContext http, string kind, string userId) =>
        UseOptions(http, kind, userId, (await engine.Users.PasskeysAsync(userId, http.RequestAborted)).Select(PasskeyVerifier.Descriptor));

    private string UseOptions(HttpContext http, string kind, string? userId, IEnumerable<PublicKeyCredentialDescriptor> allowed)
    {
        var options = verifier.RequestOptions(http, allowed);
        cookie.Begin(http, kind, options.Challenge, userId, userName: null);
        return options.ToJson();
    }

    // A passkey that was used, and whose it is (WebAuthn §7.2).
    private async Task<Outcome<UserInfo>> UsedAsync(JsonElement body, string kind, HttpContext http)
    {
        if (!Credential(body).Try(out var credential, out var error))
        {
            return error;
        }

        if (cookie.End(http, kind) is not { } ceremony)
        {
            return TooLate();
        }

        if (PasskeyVerifier.CredentialIdOf(credential) is not { } id
            || await engine.Users.FindByPasskeyAsync(id, http.RequestAborted) is not { } user
            || (ceremony.UserId is { } asked && asked != user.Id)
            || (await engine.Users.PasskeysAsync(user.Id, http.RequestAborted)).FirstOrDefault(passkey => passkey.CredentialId.Span.SequenceEqual(id)) is not { } stored
            || await verifier.VerifyUseAsync(http, ceremony, credential, stored, user.Id) is not { } used)
        {
            return NoSignIn();
        }

        if (!spent.Spend(ceremony))
        {
            return TooLate();
        }

        // Its counter has moved. The engine refuses when the passkey was removed or used since it was read.
        return (await engine.Users.UsePasskeyAsync(user.Id, stored, used.ToJson(), http.RequestAborted)).Try(out _, out error) ? user
            : error.Code == ErrorCode.NotFound ? NoSignIn()
            : error;
    }

    // A passkey that was made, and for whom (WebAuthn §7.1).
    private async Task<Outcome<Made>> MadeAsync(JsonElement body, string kind, HttpContext http)
    {
        if (!Credential(body).Try(out var credential, out var error))
        {
            return error;
        }

        if (cookie.End(http, kind) is not { UserId: { } userId, UserName: { } userName } ceremony)
        {
            return TooLate();
        }

        return await verifier.VerifyNewAsync(http, ceremony, credential) is not { } passkey
            ? new SyncError(ErrorCode.InvalidParameter, "The passkey could not be verified.") { Hint = "Try again; if it stays so, try another device or browser." }
            : spent.Spend(ceremony) ? new Made(userId, userName, passkey)
            : TooLate();
    }

    private Task<Outcome<UserInfo>> RecoveredAsync(JsonElement body, CancellationToken cancellationToken)
    {
        var (name, code) = RecoveryProof(body);
        return engine.Users.CheckRecoveryAsync(name, code, cancellationToken);
    }

    // Whatever is no text is no code: the refusal does not tell which of the two was wrong.
    private static (string Name, string Code) RecoveryProof(JsonElement body) => (TextOrEmpty(body, "user_name"), TextOrEmpty(body, "code"));

    private static string TextOrEmpty(JsonElement body, string field) => Refusals.Text(body, field).Try(out var text, out _) ? text?.Trim() ?? "" : "";

    private static Outcome<JsonElement> Credential(JsonElement body) =>
        body.TryGetProperty("credential", out var credential) && credential.ValueKind == JsonValueKind.Object
            ? credential
            : Refusals.Missing("credential", "the credential as JSON, as the browser gives it");

    private static Outcome<RegistrationProof> Proof(JsonElement body) =>
        Refusals.Text(body, "setup").Try(out var setup, out var error) && Refusals.Text(body, "invitation").Try(out var invitation, out error)
            ? new RegistrationProof(Given(setup), Given(invitation)) { AdoptsRooms = TextOrEmpty(body, "adopt") == "yes" }
            : error;

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Next(string path) => new JsonObject { ["next"] = path }.ToJsonString();

    private static SyncError NoSignIn() =>
        new(ErrorCode.InvalidParameter, "This passkey does not sign in here.") { Hint = "It may have been removed. Try another one, or recover the account." };

    private static SyncError TooLate() => new(ErrorCode.InvalidParameter, "This took too long, or was begun in another tab.") { Hint = "Try again." };

    private static SyncError SignedOut() => new(ErrorCode.AuthenticationRequired, "You are signed out.") { Hint = "Sign in and try again." };

    /// <summary>A passkey that was just made, and for whom.</summary>
    private sealed record Made(string UserId, string UserName, NewPasskey Passkey);
}
