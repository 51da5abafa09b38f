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

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# IANA's special-purpose registries, as of 2025: written out, since what Python calls global differs by its version.
_NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and some clouds' metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# All that is routed publicly is in here; loopback, mapped, NAT64, unique local, link-local and multicast are not.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID, benchmarking and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address of any kind stands inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the internet could be at."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_V6)


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
        if not is_public(address) and not (loopback and _is_loopback(address)):
            # Which address it is tells how the network here is laid out: not in the message.
            raise DeliveryFailed("the receiver's address is not a public one", retryable=False)
        found.append(address)
    if not found:
        raise DeliveryFailed("the receiver's name leads to no address")
    return found


def _is_loopback(address: Address) -> bool:
    # ::ffff:127.0.0.1 is loopback to Python 3.13, and to nobody here.
    return address.is_loopback and (address.version == 4 or address == ipaddress.IPv6Address("::1"))
