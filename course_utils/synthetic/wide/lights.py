"""Light in families: a window, the sun, a bulb, two lamps of different colours, clouds, a phone's flash."""

from dataclasses import dataclass

import numpy as np

_FAR = 60.0  # cm; how far lamps are from the plate


@dataclass(frozen=True)
class Lamp:
    """A rectangle that shines at the plate: position, half sides in cm, radiance of red, green and blue."""

    position: np.ndarray
    half: tuple[float, float]
    radiance: np.ndarray


@dataclass(frozen=True)
class Lighting:
    """All light of a photo: lamps and what the room throws back."""

    lamps: list[Lamp]
    ambient: np.ndarray


def make_light(rng: np.random.Generator, family: str, towards_camera: np.ndarray) -> Lighting:
    """Light of a family; `towards_camera` ``(3,)`` is the unit vector from the plate to the camera."""
    return _MAKERS[family](rng, towards_camera)


def _lamp(rng, height: float, half: tuple[float, float], strength: float, kelvin: float, azimuth=None) -> Lamp:
    azimuth = rng.uniform(0, 2 * np.pi) if azimuth is None else azimuth
    place = _FAR * np.array([np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)])
    # The same light on the plate whatever the lamp's size.
    power = strength * _FAR**2 / (4 * half[0] * half[1])
    return Lamp(place, half, power * _tint(kelvin))


def _tint(kelvin: float) -> np.ndarray:
    """Colour of a glowing body against daylight of 6000 K: Kang's (2002) curve, roughly, as factors of mean 1."""
    t = kelvin / 6000
    colour = np.array([t**-0.55, 1.0, t**0.75])
    return colour / colour.mean()


def _window(rng, _) -> Lighting:
    half = rng.uniform(10, 26)
    lamp = _lamp(rng, rng.uniform(0.5, 1.25), (half, half), rng.uniform(1.4, 2.4), rng.uniform(5200, 7500))
    return Lighting([lamp], rng.uniform(0.2, 0.6) * _tint(rng.uniform(5000, 7000)))


def _sun(rng, _) -> Lighting:
    half = rng.uniform(1.0, 2.5)
    lamp = _lamp(rng, rng.uniform(0.45, 1.35), (half, half), rng.uniform(2.4, 3.6), rng.uniform(4800, 6000))
    return Lighting([lamp], rng.uniform(0.12, 0.35) * _tint(rng.uniform(7000, 10000)))


def _bulb(rng, _) -> Lighting:
    half = rng.uniform(2.5, 9)
    kelvin = rng.uniform(2700, 3800)
    lamp = _lamp(rng, rng.uniform(0.7, 1.5), (half, half), rng.uniform(1.4, 2.4), kelvin)
    return Lighting([lamp], rng.uniform(0.15, 0.4) * _tint(kelvin * rng.uniform(1, 1.15)))


def _mixed(rng, _) -> Lighting:
    lamps = []
    for kelvin in (rng.uniform(2700, 3800), rng.uniform(6000, 9000)):
        half = rng.uniform(3, 16)
        lamps.append(_lamp(rng, rng.uniform(0.4, 1.4), (half, half), rng.uniform(0.7, 1.7), kelvin))
    return Lighting(lamps, rng.uniform(0.15, 0.4) * _tint(rng.uniform(4500, 6500)))


def _clouds(rng, _) -> Lighting:
    lamp = _lamp(rng, rng.uniform(1.0, 1.5), (30, 30), rng.uniform(0.4, 1.0), rng.uniform(5500, 7500))
    return Lighting([lamp], rng.uniform(0.7, 1.0) * _tint(rng.uniform(5500, 7500)))


def _flash(rng, towards_camera) -> Lighting:
    place = _FAR * (towards_camera + rng.normal(0, 0.04, 3))
    lamp = Lamp(place, (1.2, 1.2), rng.uniform(1.8, 3) * _FAR**2 / (4 * 1.44) * _tint(rng.uniform(5200, 6500)))
    return Lighting([lamp], rng.uniform(0.08, 0.25) * _tint(rng.uniform(2800, 5000)))


def _tubes(rng, _) -> Lighting:
    """Two fluorescent tubes overhead, greenish as they are."""
    azimuth, tint = rng.uniform(0, 2 * np.pi), np.array([0.96, 1.08, 0.96])
    pair = [_lamp(rng, 1.35, (34, 1.6), rng.uniform(0.7, 1.1), 5200, azimuth + k * np.pi) for k in range(2)]
    lamps = [Lamp(lamp.position, lamp.half, lamp.radiance * tint) for lamp in pair]
    return Lighting(lamps, rng.uniform(0.25, 0.5) * _tint(5600) * tint)


def _dusk(rng, _) -> Lighting:
    """The sun a hand's breadth over the horizon: orange, with long shadows."""
    half = rng.uniform(1.5, 4)
    lamp = _lamp(rng, rng.uniform(0.22, 0.42), (half, half), rng.uniform(2.6, 4), rng.uniform(2900, 3800))
    return Lighting([lamp], rng.uniform(0.2, 0.4) * _tint(rng.uniform(8000, 11000)))


_MAKERS = {
    "window": _window,
    "sun": _sun,
    "bulb": _bulb,
    "mixed": _mixed,
    "clouds": _clouds,
    "flash": _flash,
    "tubes": _tubes,
    "dusk": _dusk,
}
