using Sync.E2E;

// One server and one browser for all journeys; each journey has a room of its own.
[assembly: AssemblyFixture(typeof(SyncServer))]
[assembly: AssemblyFixture(typeof(Browser))]
[assembly: AssemblyFixture(typeof(NodeClients))]
