"""Where webhooks may lead."""

import ipaddress
import socket
from collections.abc import Sequence

import pytest

from app.adapters.webhooks.addresses import Resolver, vetted_addresses
from app.exports.delivering import DeliveryFailed
from app.exports.targets import is_public, webhook_fault

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
          "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111",
          "2a00:1450:4001:81b::200e", "2620:fe::fe"]  # fmt: skip
FORBIDDEN = [
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:53aa:64c::1", "2001:db8::1", "2001:10::1",
    "2001:20::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "2606:4700:4700::1111%1", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    """Those at the edges of the ranges that are not, too."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_other_addresses_are_not(address: str) -> None:
    """Private, loopback, link-local, carrier-grade NAT, reserved, multicast, and IPv4 inside of IPv6."""
    assert not is_public(ipaddress.ip_address(address))


def test_what_python_knows_to_be_special_is_not_public() -> None:
    """A sample from each block of each family: never more is called than Python itself thinks global."""
    for first in range(256):
        for rest in (0, 0x00010001, 0x00A80101, 0x00FFFFFE):
            address = ipaddress.IPv4Address((first << 24) | rest)
            assert not is_public(address) or (address.is_global and not address.is_multicast)
    for top in range(0x10000):
        six = ipaddress.IPv6Address((top << 112) | 1)
        assert not is_public(six) or (six.is_global and not six.is_multicast)


class Names:
    """A name server that answers differently each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0)


@pytest.mark.parametrize("loopback", [False, True])
async def test_one_bad_address_refuses_the_name(loopback: bool) -> None:
    """A name with a private address beside public ones is refused as a whole, in development too."""
    with pytest.raises(DeliveryFailed, match="not a public one") as refused:
        await vetted_addresses("x.example", 443, Names(["8.8.8.8", "10.0.0.7"]), loopback=loopback)
    assert not refused.value.retryable
    assert "10.0.0.7" not in refused.value.message


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "::1",
        "0",
        "127。0。0。1",
        "１２７.0.0.1",
        "ⓛocalhost",
        "\u00adlocalhost",
    ],
)
async def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    """What the system's own resolver makes of it is what counts."""
    resolver = Resolver()
    with pytest.raises(DeliveryFailed):
        await vetted_addresses(host, 443, resolver, loopback=False)
    resolver.close()


async def test_development_calls_this_machine_and_no_other() -> None:
    """Loopback in its two plain forms; not its neighbours, nor what only looks like it."""
    assert await vetted_addresses("x", 80, Names(["127.0.0.1", "::1"]), loopback=True)
    for other in ("192.168.0.2", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.1", "64:ff9b::7f00:1"):
        with pytest.raises(DeliveryFailed):
            await vetted_addresses("x", 80, Names([other]), loopback=True)


async def test_a_name_that_is_not_found_may_be_found_later() -> None:
    """That is a failure of the moment."""

    async def fails(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    with pytest.raises(DeliveryFailed) as failed:
        await vetted_addresses("nowhere.example", 443, fails, loopback=False)
    assert failed.value.retryable


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://169.254.169.254/latest", "public address"),
        ("https://[::ffff:127.0.0.1]/", "public address"),
        ("https://localhost/", "public address"),
        ("https://api.localhost./", "public address"),
        ("https://10.0.0.1:8443/", "public address"),
        ("https://example.com:5432/", "ports 443, 8443"),
        ("http://example.com/", "https URL"),
        ("https://[fe80::1%25eth0]/", "public address"),
    ],
)
def test_what_can_be_seen_is_refused_at_once(url: str, why: str) -> None:
    """A request hears of it, instead of a delivery that fails later."""
    fault = webhook_fault(url, ports=(443, 8443), development=False)
    assert fault is not None
    assert why in fault


def test_a_receiver_elsewhere_is_taken() -> None:
    """By name or by a public address; in development this machine, too."""
    for url in (
        "https://example.com/x?y=1",
        "https://8.8.8.8/",
        "https://example.com:8443/",
        "https://[2606:4700::1111]/",
    ):
        assert webhook_fault(url, ports=(443, 8443), development=False) is None
    assert webhook_fault("http://127.0.0.1:9000/x", ports=(443,), development=True) is None
