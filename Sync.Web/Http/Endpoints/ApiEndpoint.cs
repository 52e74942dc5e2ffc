using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Requests;

namespace Sync.Web.Http.Endpoints;

/// <summary>
/// One endpoint, described once: the same record maps the route, checks the query and makes the entry in the OpenAPI document, so the document cannot
/// say anything else than the code. To add an endpoint, add a record to one of the tables (<c>…Operations.All</c>).
/// </summary>
internal sealed record ApiEndpoint
{
    /// <summary>HTTP method; null takes every one.</summary>
    public required string? Method { get; init; }

    /// <summary>Route pattern; parameters are whole segments, the last may be <c>{**rest}</c>.</summary>
    public required string Pattern { get; init; }

    /// <summary>Name of the operation, unique.</summary>
    public required string Name { get; init; }

    /// <summary>Group in the document.</summary>
    public required string Group { get; init; }

    /// <summary>One line.</summary>
    public required string Summary { get; init; }

    /// <summary>More, as Markdown, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Query parameters; any other is refused.</summary>
    public ImmutableArray<ApiParameter> Query { get; init; } = [];

    /// <summary>Request headers with a meaning of their own.</summary>
    public ImmutableArray<ApiParameter> Headers { get; init; } = [];

    /// <summary>Schema of the request body, or null when there is none.</summary>
    public string? Body { get; init; }

    /// <summary>Status of the usual answer.</summary>
    public int Success { get; init; } = StatusCodes.Status200OK;

    /// <summary>A second status with the same answer, and when it is given; or null.</summary>
    public (int Status, string When)? AlsoSuccess { get; init; }

    /// <summary>Schema of the answer; null for answers that are not JSON.</summary>
    public string? Answer { get; init; }

    /// <summary>Media type of the answer.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>Which callers need a token.</summary>
    public Authentication Authentication { get; init; } = Authentication.Required;

    /// <summary>Whether secrets can be tried here, or rows be made without a token; see <see cref="Pipeline.CredentialRateLimit"/>.</summary>
    public bool IsCredentialRateLimited { get; init; }

    /// <summary>Whether requests are limited by who makes them. Health is not: a balancer asks from one address, for everybody.</summary>
    public bool IsRateLimited { get; init; } = true;

    /// <summary>Whether a page has the same path. Pages take POST as well as GET: the operation goes first.</summary>
    public bool SharesPathWithPage { get; init; }

    /// <summary>Whether a request may be held until something happens. HEAD, which asks for headers now, is then not taken (405).</summary>
    public bool Parks { get; init; }

    /// <summary>Whether HEAD gives the headers that GET would.</summary>
    public bool TakesHead => Method == "GET" && !Parks;

    /// <summary>
    /// Whether a long answer is compressed: those of operations that only read. What makes something may answer with its secret, and what is compressed tells by its length
    /// what is in it. A stream is sent as it comes.
    /// </summary>
    public bool IsCompressed => MediaType != EventStream.MediaType && (Method == "GET" || Group == "Reading");

    /// <summary>Whether an answer has a tag, so that who sends it back gets 304 while nothing has changed.</summary>
    public bool IsTagged { get; init; }

    /// <summary>Refusals of its own, besides those that every operation with its traits has.</summary>
    public ImmutableArray<ErrorCode> Errors { get; init; } = [];

    /// <summary>Translates, calls the engine, translates back.</summary>
    public required Func<ApiCall, Task<Outcome<ApiAnswer>>> Handle { get; init; }
}

/// <summary>Who needs a token.</summary>
internal enum Authentication
{
    /// <summary>Everybody.</summary>
    Required,
    /// <summary>Depends on the room's settings; a token that is sent must be valid.</summary>
    Optional,
    /// <summary>Nobody; tokens are ignored.</summary>
    None,
}

/// <summary>A query parameter or header.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in the document: <c>string</c>, <c>integer</c> or <c>boolean</c>.</param>
/// <param name="Description">What it does.</param>
/// <param name="Required">Whether it must be there.</param>
internal sealed record ApiParameter(string Name, string Type, string Description, bool Required = false);
