"""An agent's own client, as our tools meet it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool


def as_an_agent(address: str, calls: dict[str, dict[str, Any]]) -> tuple[list[Tool], dict[str, CallToolResult]]:
    """The tools an agent sees at this address, and what each call gives it.

    In a thread of its own: the browser's driver keeps an event loop running in ours.
    """

    async def session() -> tuple[list[Tool], dict[str, CallToolResult]]:
        async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as agent:
            await agent.initialize()
            tools = (await agent.list_tools()).tools
            return tools, {name: await agent.call_tool(name, sent) for name, sent in calls.items()}

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(session())).result()
