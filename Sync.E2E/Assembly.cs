// One server and one browser for all journeys; each journey has a room of its own.

using Sync.E2E;

[assembly: AssemblyFixture(typeof(SyncServer))]
[assembly: AssemblyFixture(typeof(Browser))]
[assembly: AssemblyFixture(typeof(NodeClients))]
