"""Pure: who may look. One password, a signed pass that lasts twelve hours, and patience with guessers."""

import hashlib
import hmac
from collections import deque

PASS_SECONDS = 12 * 3600
GUESSES_ALLOWED = 5
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
    """Counts wrong passwords over all visitors: five a minute are listened to, then nobody is for a while."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def wait_seconds(self, now: float) -> int:
        """Seconds until another guess is heard; 0 when one is heard now."""
        while self._times and self._times[0] <= now - GUESS_WINDOW_SECONDS:
            self._times.popleft()
        if len(self._times) < GUESSES_ALLOWED:
            return 0
        return max(1, int(self._times[0] + GUESS_WINDOW_SECONDS - now))

    def record_wrong(self, now: float) -> None:
        """Remember one wrong password."""
        self._times.append(now)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _signature(password: str, expires_at: str) -> str:
    # The key is stretched so that a stolen cookie is a poor oracle for guessing the password (about 0.1 s a guess).
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), b"aseagi dashboard pass", 200_000)
    return hmac.new(key, expires_at.encode(), hashlib.sha256).hexdigest()
