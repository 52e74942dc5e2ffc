namespace Sync.Cel.Tests.Architecture;

/// <summary>One type of an assembly uses another.</summary>
/// <param name="From">The full name of the type that uses it.</param>
/// <param name="Member">The member in which it does, or what of the type's declaration.</param>
/// <param name="To">The full name of the type that is used.</param>
internal sealed record TypeUse(string From, string Member, string To);
