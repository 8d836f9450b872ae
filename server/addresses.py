"""Which network addresses are this machine, and which are the public's."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_EMBEDS_IPV4: Final = ip_network("64:ff9b::/96")
# Not private by the registry, but not the public's either: protocol assignments, where some
# clouds keep their metadata, and the address on which Azure's hosts answer their guests.
_UNPUBLIC: Final = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address without a port, always is this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_public(address: str) -> bool:
    """Whether the IP address is one that anyone on the internet could have given out."""
    found = _plain(ip_address(address.partition("%")[0]))
    refused = (
        not found.is_global
        or found.is_private
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
        or any(found in network for network in _UNPUBLIC)
    )
    return not refused


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Take out the IPv4 address that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address in _EMBEDS_IPV4:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
