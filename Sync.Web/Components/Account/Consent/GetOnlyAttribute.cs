namespace Sync.Web.Components.Account.Consent;

/// <summary>A page whose path is an API operation's too, which takes the other methods. Pages take GET and POST unless this says otherwise.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class GetOnlyAttribute : Attribute, IHttpMethodMetadata
{
    public bool AcceptCorsPreflight => false;

    public IReadOnlyList<string> HttpMethods { get; } = ["GET"];
}
