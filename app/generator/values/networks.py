"""Network addresses, all from the ranges reserved for documentation (RFC 5737, RFC 3849) or local use."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.generator import Indexed
from app.generator.values.strings import HEX_DIGITS, code, from_matrix, gather, join, number, strings

_DOCUMENTATION_NETS = strings(("192.0.2.", "198.51.100.", "203.0.113."))
_HOSTS_PER_NET = 254
_IPV4_DOCUMENTATION = 3 * _HOSTS_PER_NET
# 10.0.0.0/8 without its first and last address: private, for columns that must be IPv4 and unique.
_IPV4_PRIVATE = (1 << 24) - 2
_IPV6_GROUP_DIGITS = 4
_IPV4_BITS = 32
# Of a network so many parts are told apart at most; networks are of a size of which there are so many.
_MOST_BITS, _USUAL_BITS = 62, 16
_IPV4, _IPV6 = IPv4Network("0.0.0.0/0"), IPv6Network("::/0")
_IPV4_USUAL, _IPV6_USUAL = IPv4Network("10.0.0.0/8"), IPv6Network("2001:db8::/32")


class Ipv4(Indexed):
    """IPv4 addresses: the documentation networks, then private ones."""

    arrow_type = pa.string()
    capacity = _IPV4_DOCUMENTATION + _IPV4_PRIVATE
    block = _IPV4_DOCUMENTATION
    longest, shortest = 15, 8

    def at(self, index: Rows) -> pa.Array:
        """The address number `index`."""
        text = documentation_ipv4(index % _IPV4_DOCUMENTATION)
        private = index >= _IPV4_DOCUMENTATION
        if not private.any():
            return text
        host = np.maximum(index - _IPV4_DOCUMENTATION, 0) + 1
        other = join("10.", number(host >> 16), ".", number(host >> 8 & 255), ".", number(host & 255))
        return pc.if_else(pa.array(private), other, text)


class Ipv6(Indexed):
    """IPv6 addresses of 2001:db8::/32."""

    arrow_type = pa.string()
    capacity = block = 1 << 62
    longest = shortest = 39

    def at(self, index: Rows) -> pa.Array:
        """The address number `index`, written in full; Postgres shortens it."""
        return documentation_ipv6(index)


class Addresses(Indexed):
    """inet: IPv4 documentation addresses, then IPv6 ones."""

    arrow_type = pa.string()
    capacity = 1 << 62
    block = _IPV4_DOCUMENTATION
    longest, shortest = 39, 8

    def at(self, index: Rows) -> pa.Array:
        """The address number `index`."""
        text = documentation_ipv4(index % _IPV4_DOCUMENTATION)
        later = index >= _IPV4_DOCUMENTATION
        if not later.any():
            return text
        return pc.if_else(pa.array(later), documentation_ipv6(index), text)


class Networks(Indexed):
    """cidr: /28 nets of the documentation ranges, then /64 nets of 2001:db8::/32."""

    arrow_type = pa.string()
    capacity = 48 + (1 << 32)
    block = 48
    longest, shortest = 24, 12

    def at(self, index: Rows) -> pa.Array:
        """The network number `index`; no bit is set to the right of its mask."""
        small = index % 48
        text = join(gather(_DOCUMENTATION_NETS, small // 16), number(small % 16 * 16), "/28")
        later = index >= 48
        if not later.any():
            return text
        digits = code(np.maximum(index - 48, 0), HEX_DIGITS, 8)
        wide = join("2001:db8:", from_matrix(digits[:, :4]), ":", from_matrix(digits[:, 4:]), "::/64")
        return pc.if_else(pa.array(later), wide, text)


class Within(Indexed):
    """Addresses or networks with one length of mask, side by side within a network."""

    arrow_type = pa.string()

    def __init__(self, within: IPv4Network | IPv6Network, mask: int, *, always_masked: bool) -> None:
        """`always_masked` for cidr, where a mask is written behind single addresses too."""
        self._version, width = within.version, within.max_prefixlen
        self._first, self._bits = int(within.network_address), width - mask
        room = 1 << min(mask - within.prefixlen, _MOST_BITS)
        # Neither the network's own address nor, of version 4, the one of all its hosts, where there are others.
        hosts = mask == width and room > 2
        self._skipped = 1 if hosts else 0
        self.capacity = self.block = room - 2 if hosts else room
        self._suffix = "" if mask == width and not always_masked else f"/{mask}"
        self.longest, self.shortest = (15 if self._version == 4 else 39) + len(self._suffix), 2 + len(self._suffix)

    def at(self, index: Rows) -> pa.Array:
        """The network number `index`."""
        made = IPv4Address if self._version == 4 else IPv6Address
        numbers = (self._first + ((i + self._skipped) << self._bits) for i in index.tolist())
        return pa.array([f"{made(n)}{self._suffix}" for n in numbers], pa.string())


def restricted(networks: Sequence[str], masks: Sequence[int] | None, *, host: bool) -> Within | None:
    """What checks leave of addresses (`host`) or networks; None where it is nothing.

    Addresses are single ones where they may be, networks of a size of which there are many.
    """
    nets = [ip_network(text, strict=False) for text in networks]
    if len({net.version for net in nets}) > 1:
        return None
    version = nets[0].version if nets else 4 if masks is None or min(masks, default=0) <= _IPV4_BITS else 6
    whole, usual, width = (_IPV4, _IPV4_USUAL, _IPV4_BITS) if version == 4 else (_IPV6, _IPV6_USUAL, 128)
    within = max(nets, key=lambda net: net.prefixlen, default=usual)
    if any(not _contains(net, within) for net in nets):
        return None
    allowed = [m for m in (range(width + 1) if masks is None else sorted(masks)) if within.prefixlen <= m <= width]
    # Of what is as wide as all addresses a part serves that is reserved, where there is room in it.
    if within == whole and any(mask >= usual.prefixlen for mask in allowed):
        within, allowed = usual, [mask for mask in allowed if mask >= usual.prefixlen]
    if not allowed:
        return None
    if host:
        return Within(within, allowed[-1], always_masked=False)
    many = [m for m in allowed if m - within.prefixlen >= _USUAL_BITS]
    preferred = 24 if version == 4 else 64
    mask = preferred if preferred in many else many[0] if many else allowed[-1]
    return Within(within, mask, always_masked=True)


def _contains(outer: IPv4Network | IPv6Network, inner: IPv4Network | IPv6Network) -> bool:
    shift = outer.max_prefixlen - outer.prefixlen
    return int(outer.network_address) >> shift == int(inner.network_address) >> shift


class MacAddresses(Indexed):
    """macaddr (6 octets) and macaddr8 (8): locally administered, which no maker owns."""

    arrow_type = pa.string()

    def __init__(self, octets: int = 6) -> None:
        self._octets = octets
        self.capacity = self.block = 1 << (8 * (octets - 1))
        self.longest = self.shortest = 3 * octets - 1

    def at(self, index: Rows) -> pa.Array:
        """The address number `index`, such as 02:1a:2b:3c:4d:5e."""
        digits = code(index, HEX_DIGITS, 2 * (self._octets - 1))
        matrix = np.full((len(index), 3 * self._octets - 1), ord(":"), np.uint8)
        matrix[:, 0], matrix[:, 1] = ord("0"), ord("2")
        for octet in range(1, self._octets):
            matrix[:, 3 * octet : 3 * octet + 2] = digits[:, 2 * (octet - 1) : 2 * octet]
        return from_matrix(matrix)


def documentation_ipv4(index: Rows) -> pa.Array:
    """Addresses of the three documentation networks, 0 <= index < 762."""
    return join(gather(_DOCUMENTATION_NETS, index % 3), number(index // 3 + 1))


def documentation_ipv6(index: Rows) -> pa.Array:
    """Addresses below 2001:db8::/32; the index is the interface."""
    digits = code(index, HEX_DIGITS, 16)
    matrix = np.full((len(index), 19), ord(":"), np.uint8)
    for group in range(4):
        start = group * (_IPV6_GROUP_DIGITS + 1)
        matrix[:, start : start + _IPV6_GROUP_DIGITS] = digits[:, 4 * group : 4 * group + 4]
    return join("2001:0db8:0000:0000:", from_matrix(matrix))
