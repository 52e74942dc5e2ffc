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

    // The library's second version renamed what the first had: both have the names that are used here.
    public static string Python(Connection to) => $$"""
        import asyncio
        import httpx
        from mcp import ClientSession
        from mcp.client.streamable_http import streamable_http_client

        async def main():
            http = httpx.AsyncClient(headers={"Authorization": "{{to.Bearer}}"}, timeout=60, follow_redirects=True)
            async with http, streamable_http_client("{{to.McpUrl}}", http_client=http) as streams:
                async with ClientSession(streams[0], streams[1]) as session:
                    await session.initialize()
                    context = await session.call_tool("sync_read_context", {"room": "{{to.Room}}"})
                    print(context.content[0].text)
        """ + (to.Agent is null ? "\n\nasyncio.run(main())\n" : $$"""

                    sent = await session.call_tool("sync_send_message", {"room": "{{to.Room}}", "body": "Hello from Python"})
                    print(sent.content[0].text)

        asyncio.run(main())

        """);
}
