"""Colours as a painter uses them: chosen in sRGB, mixed by weights, turned linear for the renderer at the end."""

import numpy as np


def to_linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 to linear light (IEC 61966-2-1)."""
    srgb = np.clip(srgb, 0, 1)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def from_linear(linear: np.ndarray) -> np.ndarray:
    """Linear light 0..1 to sRGB."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def jitter(rng: np.random.Generator, colour: tuple[float, float, float], spread: float = 0.03) -> np.ndarray:
    """A colour a little lighter or darker and a little off in hue: no two pieces are fried alike."""
    return np.clip(np.asarray(colour) + rng.normal(0, spread) + rng.normal(0, spread * 0.4, 3), 0, 1)


def mix(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """From the first colour (weight 0) to the second (1), for each of N points: ``(N, 3)``."""
    weight = np.clip(weight, 0, 1)[:, None]
    return np.asarray(first) * (1 - weight) + np.asarray(second) * weight


def smoothstep(start: float, end: float, value: np.ndarray) -> np.ndarray:
    """0 before `start`, 1 after `end`, smooth between; `start` may be the larger."""
    share = np.clip((value - start) / (end - start), 0, 1)
    return share * share * (3 - 2 * share)
