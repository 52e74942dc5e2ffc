using System.Collections.Immutable;

namespace Sync.Web.Components.Connect;

/// <summary>A program that an agent runs in, or a way to speak to the server without one.</summary>
/// <param name="Id">Its name in the address.</param>
/// <param name="Title">What it is called.</param>
/// <param name="AgentName">What an agent in it is called, unless its person says otherwise.</param>
/// <param name="Steps">How it is connected.</param>
/// <param name="IfNot">What to look at where it does not arrive, the likeliest first.</param>
public sealed record ConnectClient(string Id, string Title, string AgentName, Func<Connection, ImmutableArray<SetupStep>> Steps, ImmutableArray<string> IfNot);
