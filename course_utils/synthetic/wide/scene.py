"""Lighting a layout of the wider world and taking its photo (Mitsuba 3)."""

import numpy as np

from course_utils.synthetic.colour import jitter, to_linear
from course_utils.synthetic.denoise import denoise
from course_utils.synthetic.mesh import normals
from course_utils.synthetic.rendering import SAMPLES, make_sensor, surface
from course_utils.synthetic.variant import mitsuba
from course_utils.synthetic.wide.layout import WideLayout
from course_utils.synthetic.wide.lights import Lighting, make_light
from course_utils.synthetic.wide.outline import stack
from course_utils.synthetic.wide.phone import develop
from course_utils.synthetic.wide.tables import make_table
from course_utils.synthetic.wide.world import World

_BOUNCES = 5
_TABLE = 160.0  # cm, half a side


def take_photo(
    layout: WideLayout, world: World, rng: np.random.Generator, size: int, samples: int = SAMPLES
) -> np.ndarray:
    """A photo of a layout: ``(size, size, 3) uint8``; the generator draws table, light and phone."""
    scene = make_scene(layout, world, rng, size)
    return develop(denoise(*_trace(scene, samples, seed=int(rng.integers(2**31)))), rng)


def _trace(scene, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noisy linear light, and the albedo and normals that guide the denoiser: ``(H, W, 3) float32`` each.

    In two passes: Mitsuba's integrator for all three at once traces each path twice.
    """
    mi = mitsuba()
    path = mi.load_dict({"type": "path", "max_depth": _BOUNCES, "rr_depth": 10})
    guides = mi.load_dict({"type": "aov", "aovs": "albedo:albedo,normal:sh_normal"})
    light = np.array(mi.render(scene, integrator=path, spp=samples, seed=seed))
    layers = np.array(mi.render(scene, integrator=guides, spp=max(samples // 3, 1), seed=seed))
    return light[..., :3], layers[..., :3], layers[..., 3:6]


def make_scene(layout: WideLayout, world: World, rng: np.random.Generator, size: int):
    """Mitsuba's scene of a layout."""
    stance = layout.stance
    light = make_light(rng, world.lights[rng.integers(len(world.lights))], stance.towards_camera)
    content = {
        "type": "scene",
        "sensor": _sensor(layout, size),
        "table": _table(rng, world.tables[rng.integers(len(world.tables))]),
        "wall": _wall(rng, stance),
    }
    content |= _lamps(light)
    content["things"] = _one_mesh(layout)
    return mitsuba().load_dict(content)


def _one_mesh(layout: WideLayout):
    """All pieces and things as one mesh whose material varies from vertex to vertex.

    Mitsuba compiles code for each mesh with a material of its own, which costs more than tracing the photo.
    """
    mi = mitsuba()
    parts = [*(layout.carrier.parts if layout.carrier else []), *layout.parts]
    found = [(p.vertices, p.faces, p.linear, p.roughness, p.metallic) for p in parts]
    for piece in layout.pieces:
        shape = piece.shape
        found.append((piece.pose.apply(shape.vertices), shape.faces, shape.colours, shape.roughness, 0.0))
    vertices, faces, colours = stack([one[:3] for one in found])
    sizes = [len(one[0]) for one in found]
    normal = np.concatenate([normals(one[0], one[1]) for one in found])
    properties = mi.Properties()
    attributes = {
        name: {"type": "mesh_attribute", "name": f"vertex_{name}"} for name in ("color", "roughness", "metallic")
    }
    properties["bsdf"] = mi.load_dict(
        surface(attributes["color"], attributes["roughness"], 0.45, metallic=attributes["metallic"])
    )
    mesh = mi.Mesh("things", len(vertices), len(faces), has_vertex_normals=True, props=properties)
    values = {
        "color": colours,
        "roughness": np.repeat([o[3] for o in found], sizes),
        "metallic": np.repeat([o[4] for o in found], sizes),
    }
    for name, value in values.items():
        mesh.add_attribute(
            f"vertex_{name}", value.size // len(vertices), np.ascontiguousarray(value, np.float32).ravel()
        )
    parameters = mi.traverse(mesh)
    parameters["vertex_positions"] = np.ascontiguousarray(vertices, np.float32).ravel()
    parameters["vertex_normals"] = np.ascontiguousarray(normal, np.float32).ravel()
    parameters["faces"] = np.ascontiguousarray(faces, np.uint32).ravel()
    parameters.update()
    return mesh


def _sensor(layout: WideLayout, size: int) -> dict:
    """A lens instead of a pinhole where the stance has an aperture; it is sharp in the middle of what it looks at."""
    camera, aperture = layout.camera, layout.stance.aperture
    pinhole = make_sensor(camera, size)
    if not aperture:
        return pinhole
    distance = float(np.linalg.norm(camera.target - camera.origin))
    return pinhole | {"type": "thinlens", "aperture_radius": aperture * distance / 30, "focus_distance": distance}


def _lamps(light: Lighting) -> dict:
    turn = mitsuba().ScalarTransform4f
    found = {"room": {"type": "constant", "radiance": {"type": "rgb", "value": light.ambient.tolist()}}}
    for k, lamp in enumerate(light.lamps):
        found[f"lamp{k}"] = {
            "type": "rectangle",
            "to_world": turn().look_at(origin=lamp.position.tolist(), target=[0, 0, 0], up=[0, 0.1, 1])
            @ turn().scale([*lamp.half, 1]),
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": lamp.radiance.tolist()}},
        }
    return found


def _table(rng: np.random.Generator, family: str) -> dict:
    mi = mitsuba()
    image, roughness, specular = make_table(rng, family)
    repeats = 2 * _TABLE / rng.uniform(18, 36)
    texture = {
        "type": "bitmap",
        "bitmap": mi.Bitmap(image),
        "raw": True,
        "to_uv": mi.ScalarTransform4f().scale([repeats, repeats, 1]),
    }
    place = mi.ScalarTransform4f().rotate([0, 0, 1], float(rng.uniform(0, 360)))
    return {
        "type": "rectangle",
        "to_world": place @ mi.ScalarTransform4f().scale([_TABLE, _TABLE, 1]),
        "bsdf": surface(texture, roughness, specular),
    }


def _wall(rng: np.random.Generator, stance) -> dict:
    """What is seen beyond the table in views from the side."""
    turn = mitsuba().ScalarTransform4f
    ahead = -np.array([np.cos(stance.azimuth), np.sin(stance.azimuth), 0])
    place = ahead * rng.uniform(40, 140) + [0, 0, 40]
    tones = (
        (0.85, 0.84, 0.82),
        (0.30, 0.29, 0.28),
        (0.55, 0.60, 0.62),
        (0.70, 0.55, 0.40),
        (0.35, 0.45, 0.32),
        (0.08, 0.08, 0.09),
    )
    colour = to_linear(jitter(rng, tones[rng.integers(len(tones))], 0.05))
    return {
        "type": "rectangle",
        "to_world": turn().look_at(origin=place.tolist(), target=(place - ahead).tolist(), up=[0, 0, 1])
        @ turn().scale([160, 60, 1]),
        "bsdf": surface({"type": "rgb", "value": colour.tolist()}, 0.8, 0.2),
    }
