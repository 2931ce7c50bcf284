"""What a phone makes of light: white balance, contrast, lens blur, noise, sharpening and a JPEG of its own."""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from course_utils.synthetic.colour import from_linear


def develop(linear: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A phone's photo of linear light: ``(H, W, 3) float32 -> uint8``."""
    light = linear.mean(axis=-1)
    exposure = min(rng.uniform(0.55, 0.98) / np.percentile(light, 95), 1.25 / np.percentile(light, 99.3))
    exposure = max(exposure, 0.28 / np.percentile(light, 80))  # one bright spot must not leave the rest in the dark
    image = linear * exposure * _balance(linear, rng)
    image = np.where(image < 0.8, image, 0.8 + 0.2 * (1 - np.exp(-(image - 0.8) / 0.2)))
    image = _vignette(image, rng)
    scale = image.shape[0] / 320  # blur and noise are of the 320-pixel photo
    image = gaussian_filter(image, (*[scale * max(rng.normal(0.35, 0.35), 0)] * 2, 0))
    image = _tone(from_linear(image), rng)
    image = _noise(image, rng, scale)
    if rng.random() < 0.6:
        image = image + rng.uniform(0.1, 0.8) * (image - gaussian_filter(image, (scale, scale, 0)))
    return _compressed((np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8), int(rng.integers(50, 97)))


def _balance(linear, rng) -> np.ndarray:
    """Gains that take out most, not all, of the light's colour."""
    mean = np.median(linear.reshape(-1, 3), axis=0)
    gains = (mean.mean() / np.maximum(mean, 1e-3)) ** rng.uniform(0.0, 0.3)
    return np.clip(gains, 0.8, 1.25) * (1 + rng.normal(0, 0.05, 3))


def _vignette(image, rng) -> np.ndarray:
    size = image.shape[0]
    across = (np.arange(size) + 0.5) / size * 2 - 1
    return image * (1 - rng.uniform(0, 0.22) * (across[:, None] ** 2 + across[None] ** 2) / 2)[..., None]


def _tone(image, rng) -> np.ndarray:
    """Contrast around the middle, and saturation."""
    curve = image + rng.uniform(-0.06, 0.28) * image * (1 - image) * (2 * image - 1) * 2
    grey = curve.mean(axis=-1, keepdims=True)
    return grey + (curve - grey) * rng.uniform(0.8, 1.35)


def _noise(image, rng, scale) -> np.ndarray:
    """Grain, mostly in brightness, coarser in colour, as it is left by a phone's own smoothing."""
    strength = rng.gamma(1.5, 0.0035)
    fine = rng.normal(0, strength, image.shape[:2])[..., None]
    coarse = gaussian_filter(rng.normal(0, 1.2 * strength, image.shape), (1.2 * scale, 1.2 * scale, 0)) * 2
    return image + fine + coarse


def _compressed(photo: np.ndarray, quality: int) -> np.ndarray:
    stored = io.BytesIO()
    Image.fromarray(photo).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored))
