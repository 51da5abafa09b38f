"""Network addresses, all from the ranges reserved for documentation (RFC 5737, RFC 3849) or local use."""

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
