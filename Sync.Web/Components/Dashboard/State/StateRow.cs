using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>A line of the state table: a scope's heading or an entry.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Count">Entries of the scope, on its heading.</param>
/// <param name="Entry">The entry, or null on a heading.</param>
internal sealed record StateRow(string Scope, int Count, EntryModel? Entry);
