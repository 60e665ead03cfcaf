"""Where a visitor comes from, as far as a limit on guesses and the access log need it (pure)."""

from __future__ import annotations

import ipaddress


def visitor_address(forwarded: str | None, connected: str | None) -> str:
    """Whom a guess counts against: what our proxy says, else the connection's own address.

    The last entry of X-Forwarded-For is the proxy's, those before it the visitor's word. Of IPv6 the network: whoever
    has one address of it has 2^64.
    """
    text = (forwarded or "").rpartition(",")[2].strip() or connected or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
