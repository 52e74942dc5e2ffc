using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;

namespace Sync.Web.Components.Account.Consent;

/// <summary>
/// Approval of a device flow (RFC 8628 §3.3): the code, then who asks for what, then the decision. A code is looked up only when it is sent, also one
/// that came in the link, so that trying codes is as slow as every guess, and a person always sees the code they are asked to compare.
/// </summary>
public sealed partial class DeviceCard
{
    private Status _stage;
    private string _code = "";
    private PendingDevice? _flow;
    private ScopeOffer? _offer;
    private SyncError? _refusal;
    private IReadOnlyList<string> _granted = [];
    private ClientOrigin _origin = ClientOrigin.Unknown;

    private enum Status
    {
        Code,
        Decide,
        Approved,
        Denied,
    }

    private protected override string ReturnPath => _code.Length == 0 ? "/auth/device" : "/auth/device?code=" + Uri.EscapeDataString(_code);

    /// <summary>A code as it is written: upper case, grouped by a hyphen.</summary>
    internal static string Shape(string? typed)
    {
        var letters = string.Concat((typed ?? "").Where(char.IsAsciiLetterOrDigit).Take(12)).ToUpperInvariant();
        return letters.Length > 4 ? $"{letters[..4]}-{letters[4..]}" : letters;
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _code = Shape(Http.Request.HasFormContentType ? Http.Request.Form["code"] : Http.Request.Query["code"]);
        IsSignedIn();
    }

    private static string ClientName(PendingDevice flow) => flow.Client?.Name ?? "A program that did not say its name";

    private async Task SubmitAsync()
    {
        if (Caller.IsAnonymous)
        {
            return;
        }

        var picked = Http.Request.Form[ScopeOffer.Field];
        switch (Http.Request.Form["decision"])
        {
            case "approve":
                await ApproveAsync(ScopeOffer.TextOf(picked), picked);
                break;
            case "deny":
                await DenyAsync();
                break;
            default:
                await LookAsync(picked: null);
                break;
        }
    }

    private async Task LookAsync(IEnumerable<string?>? picked)
    {
        if (!(await Engine.Grants.FindDeviceAsync(_code, Http.RequestAborted)).Try(out var flow, out var refusal)
            || !Engine.Tokens.Grantable(Caller, flow.Requested).Try(out var grantable, out refusal))
        {
            _refusal = refusal;
            return;
        }

        _flow = flow;
        _offer = new ScopeOffer(grantable, picked);
        _origin = await OriginAsync(flow.Client?.Id);
        _stage = Status.Decide;
    }

    private async Task ApproveAsync(string scope, IEnumerable<string?> picked)
    {
        if (scope.Length == 0)
        {
            _refusal = new SyncError(ErrorCode.InvalidScope, "Nothing is picked.") { Hint = "Pick at least one thing, or deny." };
        }
        else if ((await Engine.Grants.ApproveDeviceAsync(Caller, _code, scope, Http.RequestAborted)).Try(out _flow, out _refusal))
        {
            _granted = GrantWords.Of(scope);
            _stage = Status.Approved;
            return;
        }

        await LookAsync(picked);
    }

    private async Task DenyAsync()
    {
        if ((await Engine.Grants.DenyDeviceAsync(Caller, _code, Http.RequestAborted)).Try(out _flow, out _refusal))
        {
            _stage = Status.Denied;
        }
    }
}
