"""Where a webhook may lead: to public addresses alone, looked up once and connected to as they were vetted.

A receiver's name is the user's to choose, and so is what it resolves to: without this they could have the service
call its own database, its cloud's metadata, or its neighbours.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from app.exports.delivering import DeliveryFailed
from app.exports.targets import Address, is_loopback, is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Resolver:
    """Looks names up, in threads of its own: a slow name server holds up nothing else."""

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, "webhook-names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, each once. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


async def vetted_addresses(host: str, port: int, resolve: Resolve, *, loopback: bool) -> list[Address]:
    """What `host` resolves to, all of it public; with `loopback`, the machine itself is allowed as well.

    Raises DeliveryFailed: a name with one forbidden address among others is refused as a whole.
    """
    try:
        texts = await resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed("the receiver's name cannot be looked up") from error
    found: list[Address] = []
    for text in texts:
        try:
            address = ipaddress.ip_address(text)
        except ValueError as error:
            raise DeliveryFailed("the receiver's name leads to no address", retryable=False) from error
        if not is_public(address) and not (loopback and is_loopback(address)):
            # Which address it is tells how the network here is laid out: not in the message.
            raise DeliveryFailed("the receiver's address is not a public one", retryable=False)
        found.append(address)
    if not found:
        raise DeliveryFailed("the receiver's name leads to no address")
    return found
