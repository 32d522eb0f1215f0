"""Whether a key or secret that is long enough could be guessed all the same."""

from __future__ import annotations

#: A shorter key could be guessed by trying.
SHORTEST_KEY = 16
#: A key made at random has more different bytes.
_FEWEST_DIFFERENT = 6


def weakness(key: bytes) -> str | None:
    """Why a key that is long enough could be guessed by trying: `repeated` or `uniform`; None where nothing shows.

    A key that repeats itself counts once. One that is made at random has neither.

    >>> weakness(b"0" * 64), weakness(b"0123456701234567"), weakness(b"0" * 40 + b"123456789abcdef01234")
    ('repeated', 'repeated', 'uniform')
    >>> weakness(b"1101000110101101000111010001"), weakness(b"5d41402abc4b2a76b9719d911017c592")
    ('uniform', None)
    """
    longest = min(SHORTEST_KEY - 1, len(key) // 2)
    if any(key[length:] == key[:-length] for length in range(1, longest + 1)):
        return "repeated"
    if len(set(key)) < _FEWEST_DIFFERENT or max(map(key.count, set(key))) > len(key) // 2:
        return "uniform"
    return None
