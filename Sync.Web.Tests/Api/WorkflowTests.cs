using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>The core workflow, step by step as the product's own description tells it.</summary>
public sealed class WorkflowTests(SyncHost host)
{
    [Fact]
    public async Task CoreWorkflow_AsDescribed_Works()
    {
        var room = SyncHost.NewName("my-room");
        var owner = host.Client(await host.MintAsync(SyncHost.NewName("ada")));

        // 1. Create a room; it is linked to the user as owner.
        var created = (await owner.PostAsync("/rooms", new { id = room })).AssertOk(201);
        Assert.Equal(room, created["id"].GetString());
        Assert.Equal("owner", created["role"].GetString());

        // 2. An agent joins, without a token.
        var joined = (await host.Client().PostAsync($"/rooms/{room}/agents", new { id = "alice", name = "Alice", role = "agent" })).AssertOk(201);
        Assert.Equal("alice", joined["id"].GetString());
        var alice = host.Client(joined["token"].GetString());

        // 3. Context; in an empty room its help says what to read next.
        var empty = (await alice.GetAsync($"/rooms/{room}/context")).AssertOk();
        Assert.Contains("vocabulary_bootstrap", empty["_context"].GetProperty("help").EnumerateArray().Select(key => key.GetString()));
        Assert.Equal("alice", empty["self"].GetString());

        // 4. The standard library, then a vocabulary of one's own.
        (await alice.PostAsync($"/rooms/{room}/actions/help/invoke", new { @params = new { key = "standard_library" } })).AssertOk();
        (await alice.PostAsync($"/rooms/{room}/actions/_register_action/invoke", new
        {
            @params = new
            {
                id = "submit_result",
                description = "Submit a result keyed to your identity",
                @params = new { result = new { type = "any" } },
                writes = new[] { new { scope = "_shared", key = "${self}.result", value = "${params.result}" } },
            },
        })).AssertOk();

        // 6, begun before 5: a wait for what is not there yet.
        (await alice.PostAsync($"/rooms/{room}/actions/_register_view/invoke", new
        {
            @params = new { id = "results", expr = """state["_shared"].keys().filter(k, k.endsWith(".result"))""" },
        })).AssertOk();
        var waiting = owner.GetAsync($"/rooms/{room}/wait?condition=" + Uri.EscapeDataString("""views["results"].size()>0"""));

        // 5. Invoke it.
        var invoked = (await alice.PostAsync($"/rooms/{room}/actions/submit_result/invoke", new { @params = new { result = "42" } })).AssertOk();
        Assert.True(invoked["invoked"].GetBoolean());
        var write = Assert.Single(invoked["writes"].EnumerateArray());
        Assert.Equal("_shared", write.GetProperty("scope").GetString());
        Assert.Equal("alice.result", write.GetProperty("key").GetString());
        Assert.Equal("42", write.GetProperty("value").GetString());

        // 6. The wait answers.
        var waited = (await waiting).AssertOk();
        Assert.True(waited["triggered"].GetBoolean());
        Assert.Equal("42", waited["context"].GetProperty("state").GetProperty("_shared").GetProperty("alice.result").GetString());
    }
}
