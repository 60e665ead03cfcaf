"""Pure: who may look. One password, a signed pass that lasts twelve hours, and patience with guessers."""

import functools
import hashlib
import hmac
import ipaddress
from collections import deque

PASS_SECONDS = 12 * 3600
GUESSES_ALLOWED = 5
GUESSES_IN_ALL = 200
"""Wrong passwords within a minute, from everybody; a password of eight random characters stands that for ever."""
GUESS_WINDOW_SECONDS = 60
COOKIE = "aseagi_pass"


def password_matches(given: str, expected: str) -> bool:
    """Compare in constant time, whatever the lengths."""
    return hmac.compare_digest(_digest(given), _digest(expected))


def sign_pass(password: str, now: float) -> str:
    """A pass `<expiry>.<signature>` that only someone who knows the password can make."""
    expires_at = str(int(now) + PASS_SECONDS)
    return f"{expires_at}.{_signature(password, expires_at)}"


def pass_is_valid(text: str | None, password: str, now: float) -> bool:
    """Whether a pass was signed with this password and has not expired."""
    if not isinstance(text, str):
        return False
    expires_at, _, signature = text.partition(".")
    if not (expires_at.isascii() and expires_at.isdigit()) or int(expires_at) <= now:
        return False
    return hmac.compare_digest(signature.encode(), _signature(password, expires_at).encode())


class Guesses:
    """Counts wrong passwords: after five within a minute an address is not heard for a while, and nobody after 200."""

    def __init__(self) -> None:
        self._wrong: deque[tuple[float, str]] = deque()

    def wait_seconds(self, address: str, now: float) -> int:
        """Seconds until another guess from this address is heard; 0 when one is heard now."""
        while self._wrong and self._wrong[0][0] <= now - GUESS_WINDOW_SECONDS:
            self._wrong.popleft()
        times = [time for time, _ in self._wrong]
        own = [time for time, who in self._wrong if who == address]
        return max(_wait(own, GUESSES_ALLOWED, now), _wait(times, GUESSES_IN_ALL, now))

    def record_wrong(self, address: str, now: float) -> None:
        """Remember one wrong password."""
        self._wrong.append((now, address))


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


def _wait(times: list[float], allowed: int, now: float) -> int:
    if len(times) < allowed:
        return 0
    return max(1, int(times[-allowed] + GUESS_WINDOW_SECONDS - now))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _signature(password: str, expires_at: str) -> str:
    return hmac.new(_pass_key(password), expires_at.encode(), hashlib.sha256).hexdigest()


@functools.cache  # of the one password that is set: every page of the case room checks a pass
def _pass_key(password: str) -> bytes:
    # Stretched so that a stolen cookie is a poor oracle for guessing the password (about 0.1 s a guess).
    return hashlib.pbkdf2_hmac("sha256", password.encode(), b"aseagi dashboard pass", 200_000)
