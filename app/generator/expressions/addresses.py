"""Network addresses as text: inet, cidr, macaddr."""

import ipaddress
import re
from functools import lru_cache

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface


@lru_cache(maxsize=4096)
def read_address(text: str) -> Interface:
    """An inet or cidr value. Raises ValueError."""
    plain = text.strip()
    host, slash, bits = plain.partition("/")
    if ":" not in host:
        # cidr may leave trailing octets out: 10.1/16.
        octets = host.split(".")
        if slash and len(octets) < 4:
            host = ".".join(octets + ["0"] * (4 - len(octets)))
    return ipaddress.ip_interface(f"{host}/{bits}" if slash else host)


def canonical_address(text: str, network: bool) -> str:
    """As Postgres prints it: the prefix length stands there unless it is that of one host; always for cidr."""
    found = read_address(text)
    if network:
        if found.network.network_address != found.ip:
            raise ValueError("bits to the right of the mask")
        return str(found.network)
    return str(found.ip) if found.network.prefixlen == found.max_prefixlen else str(found)


def address_key(text: str) -> tuple[int, int, int, int]:
    """What Postgres orders addresses by: family, network bits, prefix length, all bits."""
    found = read_address(text)
    width, bits, address = found.max_prefixlen, found.network.prefixlen, int(found.ip)
    network = address >> (width - bits) << (width - bits) if bits else 0
    # Networks are compared on the bits that both have; a shorter one comes first. A tuple of padded bits does that.
    return found.version, network, bits, address


def canonical_mac(text: str, octets: int) -> str:
    """Lower case, colons between the octets."""
    digits = re.sub(r"[:.\-\s]", "", text).lower()
    if octets == 8 and len(digits) == 12:
        digits = digits[:6] + "fffe" + digits[6:]
    if not re.fullmatch(rf"[0-9a-f]{{{2 * octets}}}", digits):
        raise ValueError(text)
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
