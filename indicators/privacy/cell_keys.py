"""The cell-key method: a count in the shareable view differs from the true one by a noise that belongs to what is counted.

Every record has a key; that of a count is the exclusive or of the keys of its records, and the noise is drawn from it and a
secret of the warehouse. So the same records give the same number wherever they are counted, by whatever filter and period, and
asking again tells nothing new; but what two counts differ by carries the noise of both. Hence no small count follows from sums,
differences, verdicts, means or limits, all of which are made of such counts. Zero stays zero. A count below `hide_below` is
not shown, nor is one whose perturbed number is below it, up to `most`: that a count is not shown says of no sum that it is small.

Source: B. Fraser and J. Wooton, A proposed method for confidentialising tabular output to protect against differencing,
Joint UNECE/Eurostat work session on statistical data confidentiality (2005); the noise is the discrete Gaussian of
C. Canonne, G. Kamath and T. Steinke, The Discrete Gaussian for Differential Privacy (2020).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from indicators.engine.cached import cached_per_version
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: The table of the noise reaches this many standard deviations to each side.
_REACH = 8


@dataclass(frozen=True)
class Noise:
    """The noise of counts: `spread` is its standard deviation, `secret` what it is drawn with besides a cell's key.

    >>> noise = Noise(b"secret", 2.0, 5)
    >>> noise.perturbed([0, 3, 5], [11, 12, 13]).tolist()[:2]
    [0.0, nan]
    """

    secret: bytes
    spread: float
    least: int

    @property
    def most(self) -> int:
        """The largest count that may not be shown: three standard deviations above what is shown at least."""
        return self.least + int(3 * self.spread) - 1

    def of(self, keys: np.ndarray) -> np.ndarray:
        """The noise that belongs to each cell key, whole numbers around 0."""
        reach = int(np.ceil(_REACH * self.spread))
        steps = np.arange(-reach, reach + 1)
        weights = np.exp(-(steps**2) / (2 * self.spread**2))
        distinct, places = np.unique(np.asarray(keys, np.uint64), return_inverse=True)
        keyed, written = blake2b(key=self.secret, digest_size=8), distinct.tobytes()
        drawn = bytearray()
        for at in range(0, len(written), 8):
            one = keyed.copy()
            one.update(written[at : at + 8])
            drawn += one.digest()
        ends = np.cumsum(weights)[:-1] / weights.sum()
        return steps[np.searchsorted(ends, np.frombuffer(drawn, ">u8") / 2**64, "right")][places]

    def perturbed(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Counts as they are shown: perturbed, zero as zero, NaN where they are not shown (1 to `most`, all below `least`)."""
        counts, keys = np.asarray(counts, float), np.asarray(keys, np.uint64)
        shown = counts.copy()
        shown[counts != 0] += self.of(keys[counts != 0])
        gone = (counts < self.least) | ((shown < self.least) & (counts <= self.most))
        return np.where(counts == 0, 0.0, np.where(gone, np.nan, np.maximum(shown, self.least)))

    def of_name(self, name: Hashable, count: int) -> float:
        """A single count that is known by a name instead of its records, as `perturbed` shows it."""
        key = int.from_bytes(blake2b(repr((name, count)).encode(), digest_size=8).digest())
        return float(self.perturbed(np.array([count]), np.array([key], np.uint64))[0])


@cached_per_version()
def noise_of(snapshot: Snapshot, settings: Settings) -> Noise:
    """The noise of a published version: the same for all versions made with one key."""
    secret = snapshot.meta("key_fingerprint") or ""
    return Noise(
        blake2b(secret.encode(), person=b"cell keys").digest(), settings.count_noise, settings.hide_below
    )
