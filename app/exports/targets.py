"""Where word may be sent: what a webhook's URL may look like, and which addresses anybody may be at."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from app.exports.fields import shown

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

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


def is_loopback(address: Address) -> bool:
    """This machine in its plain forms: ::ffff:127.0.0.1 is loopback to Python 3.13, and to nobody here."""
    return address.is_loopback and (address.version == 4 or address == ipaddress.IPv6Address("::1"))


def webhook_fault(url: str, *, ports: Sequence[int] | None, development: bool) -> str | None:
    """What is wrong with a webhook's URL, as far as it can be seen; where its name leads to is looked at when it is
    called. `ports`: those that are called, None for any. `development`: this machine may be called, by http too."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return f"webhook {shown(url)} is not a URL"
    schemes: Sequence[str] = ("https", "http") if development else ("https",)
    if parts.scheme not in schemes:
        return f"webhook is to be an {' or '.join(schemes)} URL"
    if not host or any(character in url for character in ' \\"<>^`{|}'):
        return f"webhook {shown(url)} is not a URL"
    if parts.username is not None or parts.password is not None:
        return "webhook may not carry a user name or a password; deliveries are signed instead"
    if parts.fragment:
        return "webhook may not carry a #fragment: it would never be sent"
    if development:
        return None
    if ports is not None and (port or 443) not in ports:
        return f"webhook may be at the ports {', '.join(map(str, ports))}, not at {port}"
    if not _may_be_public(host):
        return "webhook is to be at a public address"
    return None


def _may_be_public(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return host.rstrip(".") != "localhost" and not host.rstrip(".").endswith(".localhost")
