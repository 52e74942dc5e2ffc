namespace Sync.Web.Components.Connect;

/// <summary>Whole programs over the official MCP libraries: connect, look, and, where the token acts, say something and wait.</summary>
internal static class ClientPrograms
{
    public static string TypeScript(Connection to) => $$"""
        import { Client } from '@modelcontextprotocol/sdk/client/index.js';
        import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

        const client = new Client({ name: '{{to.Name}}', version: '1.0.0' });
        await client.connect(new StreamableHTTPClientTransport(new URL('{{to.McpUrl}}'), {
          requestInit: { headers: { Authorization: '{{to.Bearer}}' } },
        }));
        const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;

        const context = await call('sync_read_context', { room: '{{to.Room}}' });
        console.log('actions:', Object.keys(context.actions ?? {}).join(', '));
        """ + (to.Agent is null ? "\nawait client.close();\n" : $$"""

        console.log(await call('sync_send_message', { room: '{{to.Room}}', body: 'Hello from TypeScript' }));
        await client.close();

        """);

    public static string Python(Connection to) => $$"""
        import asyncio
        from mcp import ClientSession
        from mcp.client.streamable_http import streamablehttp_client

        async def main():
            headers = {"Authorization": "{{to.Bearer}}"}
            async with streamablehttp_client("{{to.McpUrl}}", headers=headers) as (read, write, _):
                async with ClientSession(read, write) as session:
                    await session.initialize()
                    context = await session.call_tool("sync_read_context", {"room": "{{to.Room}}"})
                    print("actions:", ", ".join(context.structuredContent.get("actions", {})))
        """ + (to.Agent is null ? "\n\nasyncio.run(main())\n" : $$"""

                    sent = await session.call_tool("sync_send_message", {"room": "{{to.Room}}", "body": "Hello from Python"})
                    print(sent.structuredContent)

        asyncio.run(main())

        """);
}
