using System.Collections.Immutable;
using Sync.Cel.Values;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Model.Authority;

/// <summary>
/// What texts may say to whom. The message of an evaluation error can hold what the expression read, so it is for readers who may read all of that themselves; everybody else is told that it
/// failed.
/// </summary>
internal static class ErrorRedaction
{
    /// <summary>The error as a reader who sees these scopes may see it, given the private scopes that were read on the way to it.</summary>
    public static CelError For(VisibleScopes reader, CelError error, ImmutableArray<string> touched) => MayRead(reader, touched) ? error : Unspecific(error);

    public static bool MayRead(VisibleScopes reader, ImmutableArray<string> touched)
    {
        foreach (var scope in touched)
        {
            if (!reader.Sees(scope))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The error without what it failed on.</summary>
    public static CelError Unspecific(CelError error) => error.Code == "cel_limit_exceeded"
        ? error
        : new CelError(error.Code, "It failed on something that not everybody may read.", "Ask whoever registered it.");
}
