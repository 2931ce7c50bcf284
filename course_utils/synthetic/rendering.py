"""From a layout to a photo: materials, light, path tracing (Mitsuba 3), denoising, exposure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.camera import Camera
from course_utils.synthetic.colour import from_linear
from course_utils.synthetic.crumbs import make_crumbs
from course_utils.synthetic.denoise import denoise
from course_utils.synthetic.layout import Layout
from course_utils.synthetic.mesh import normals
from course_utils.synthetic.table import make_table
from course_utils.synthetic.variant import mitsuba
from course_utils.synthetic.wide.part import Part

SAMPLES = 24  # a pixel; see benchmarks/rendering.py for what more of them would gain
_BOUNCES = 5
_LAMP_DISTANCE = 45.0  # cm


@dataclass(frozen=True)
class Light:
    """A window or lamp, and the light that the room throws back.

    Attributes:
        position: of the lamp, cm. half_size: of the square that shines, cm; larger gives softer shadows.
        radiance: of the lamp, red, green, blue. ambient: of the room.
    """

    position: np.ndarray
    half_size: float
    radiance: np.ndarray
    ambient: np.ndarray


def kitchen_light(rng: np.random.Generator) -> Light:
    """Light from one side, 35 to 70 degrees high, warm or cool."""
    azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.25)
    position = _LAMP_DISTANCE * np.array(
        [np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)]
    )
    half_size, warmth = rng.uniform(6, 20), rng.uniform(-0.12, 0.12)
    # The same light on the table whatever the lamp's size.
    power = rng.uniform(0.8, 1.4) * _LAMP_DISTANCE**2 * 1.9 / (4 * half_size**2)
    ambient = rng.uniform(0.25, 0.6)
    return Light(
        position,
        half_size,
        power * np.array([1 + warmth, 1, 1 - warmth]),
        ambient * np.array([1 - warmth / 2, 1, 1 + warmth / 2]),
    )


def render(
    layout: Layout, rng: np.random.Generator, size: int, samples: int = SAMPLES, parts: Sequence[Part] = ()
) -> np.ndarray:
    """A photo of a layout: ``(size, size, 3) uint8``; the generator draws light, table, crumbs and sensor noise.

    `parts` are other things on the table; they change nothing of what is drawn.
    """
    scene = make_scene(layout, rng, size, parts)
    layers = trace(scene, samples, seed=int(rng.integers(2**31)))
    return develop(denoise(*layers), rng)


def trace(scene, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noisy linear light, and the albedo and normals that guide the denoiser: ``(H, W, 3) float32`` each."""
    layers = np.array(mitsuba().render(scene, spp=samples, seed=seed))
    return layers[..., :3], layers[..., 3:6], layers[..., 6:9]


def make_scene(layout: Layout, rng: np.random.Generator, size: int, parts: Sequence[Part] = ()):
    """Mitsuba's scene of a layout and of other things; the generator draws light, table and crumbs."""
    mi = mitsuba()
    light = kitchen_light(rng)
    turn = mi.ScalarTransform4f
    table_size, repeats = 45.0, float(rng.uniform(2.2, 3.5))
    path = {"type": "path", "max_depth": _BOUNCES, "rr_depth": 10}
    content = {
        "type": "scene",
        "integrator": {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "colour": path},
        "sensor": make_sensor(layout.camera, size),
        "lamp": {
            "type": "rectangle",
            "to_world": turn().look_at(origin=light.position.tolist(), target=[0, 0, 0], up=[0, 0.1, 1])
            @ turn().scale([light.half_size, light.half_size, 1]),
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": light.radiance.tolist()}},
        },
        "room": {"type": "constant", "radiance": {"type": "rgb", "value": light.ambient.tolist()}},
        "table": {
            "type": "rectangle",
            "to_world": turn().rotate([0, 0, 1], float(rng.uniform(0, 360)))
            @ turn().scale([table_size, table_size, 1]),
            "bsdf": _table_surface(rng, repeats),
        },
        "plate": make_mesh(
            "plate", layout.plate.vertices, layout.plate.faces, layout.plate.colours, 0.22, 0.5, clearcoat=0.5
        ),
        "crumbs": make_mesh("crumbs", *make_crumbs(rng, layout.plate), 0.6, 0.3),
    }
    for k, piece in enumerate(layout.pieces):
        shape = piece.shape
        vertices = piece.pose.apply(shape.vertices).astype(np.float32)
        content[f"piece{k}"] = make_mesh(
            f"piece{k}", vertices, shape.faces, shape.colours, shape.roughness, shape.specular
        )
    for k, part in enumerate(parts):
        name, more = f"part{k}", {"metallic": part.metallic, "clearcoat": part.clearcoat}
        content[name] = make_mesh(name, part.vertices, part.faces, part.linear, part.roughness, part.specular, **more)
    return mi.load_dict(content)


def make_sensor(camera: Camera, size: int) -> dict:
    """Mitsuba's pinhole camera with square pictures."""
    place = (
        mitsuba()
        .ScalarTransform4f()
        .look_at(origin=camera.origin.tolist(), target=camera.target.tolist(), up=camera.up.tolist())
    )
    # A box filter: the denoiser wants pixels whose noise does not leak into their neighbours.
    film = {"type": "hdrfilm", "width": size, "height": size, "rfilter": {"type": "box"}, "pixel_format": "rgb"}
    sampler = {"type": "independent"}
    return {
        "type": "perspective",
        "fov": camera.field_of_view,
        "to_world": place,
        "film": film | {"component_format": "float32"},
        "sampler": sampler,
    }


def surface(colour: dict, roughness: float | dict, specular: float, **more: float | dict) -> dict:
    """A principled material (Burley 2012) for Mitsuba; `more` are further parameters of it."""
    return {
        "type": "principled",
        "base_color": colour,
        "roughness": roughness,
        "specular": specular,
        "clearcoat": 0.0,
        "clearcoat_gloss": 0.9,
    } | more


def _table_surface(rng: np.random.Generator, repeats: float) -> dict:
    mi = mitsuba()
    texture = {
        "type": "bitmap",
        "bitmap": mi.Bitmap(make_table(rng)),
        "raw": True,
        "to_uv": mi.ScalarTransform4f().scale([repeats, repeats, 1]),
    }
    return surface(texture, 0.7, 0.3)


def make_mesh(name: str, vertices, faces, colours, roughness: float, specular: float, **more: float):
    """Mitsuba's mesh with linear colours at its vertices; for the rest see `surface`."""
    mi = mitsuba()
    properties = mi.Properties()
    colour = {"type": "mesh_attribute", "name": "vertex_color"}
    properties["bsdf"] = mi.load_dict(surface(colour, roughness, specular, **more))
    mesh = mi.Mesh(name, len(vertices), len(faces), has_vertex_normals=True, props=properties)
    mesh.add_attribute("vertex_color", 3, np.ascontiguousarray(colours, np.float32).ravel())
    parameters = mi.traverse(mesh)
    parameters["vertex_positions"] = np.ascontiguousarray(vertices, np.float32).ravel()
    parameters["vertex_normals"] = np.ascontiguousarray(normals(vertices, faces), np.float32).ravel()
    parameters["faces"] = np.ascontiguousarray(faces, np.uint32).ravel()
    parameters.update()
    return mesh


def develop(linear: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Expose, balance and compress linear light as a phone does: ``(H, W, 3) float32 -> uint8``."""
    light = linear.mean(axis=-1)
    # Food must not burn out on a dark plate: the brightest 0.7 % set the limit.
    exposure = min(rng.uniform(0.75, 0.92) / np.percentile(light, 96), 1.0 / np.percentile(light, 99.3))
    image = linear * exposure * (1 + rng.normal(0, 0.03, 3))
    image = np.where(image < 0.8, image, 0.8 + 0.2 * (1 - np.exp(-(image - 0.8) / 0.2)))
    noise = rng.normal(0, rng.uniform(0.001, 0.004), image.shape)
    return (np.clip(from_linear(image) + noise, 0, 1) * 255 + 0.5).astype(np.uint8)
