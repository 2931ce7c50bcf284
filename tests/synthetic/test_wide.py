"""The wider world: pictures repeat, what hides food is known, the border cuts, and empty tables count."""

import importlib.util
import json

import numpy as np
import pytest
from PIL import Image

for name in ("mitsuba", "mujoco", "oidn"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} of the extra `render` is not installed", allow_module_level=True)

from course_utils import masks
from course_utils.dataset import load
from course_utils.dataset.check import check_file
from course_utils.paths import data_dir
from course_utils.synthetic import engine, physics
from course_utils.synthetic.camera import Camera
from course_utils.synthetic.layout import look, weigh
from course_utils.synthetic.physics import Pose
from course_utils.synthetic.tracing import Tracer
from course_utils.synthetic.wide import carriers, lights, tables
from course_utils.synthetic.wide.arrange import body_hull
from course_utils.synthetic.wide.cameras import Range, Stance, take_stance
from course_utils.synthetic.wide.clutter.thing import ON_PLATE, ON_TABLE, make_thing
from course_utils.synthetic.wide.foods import Batch
from course_utils.synthetic.wide.layout import KINDS, WideLayout, frame
from course_utils.synthetic.wide.part import joined, revolve
from course_utils.synthetic.wide.phone import develop
from course_utils.synthetic.wide.picture import describe, draw_picture, look_around
from course_utils.synthetic.wide.world import FOREIGN, STREAM
from course_utils.synthetic.writer import SplitWriter
from course_utils.training.samples import CocoFile

SIZE = 48
BOTH = pytest.mark.parametrize("world", [STREAM, FOREIGN], ids=["stream", "foreign"])
ABOVE = Camera(np.array([0, 0, 60.0]), np.zeros(3), np.array([0, 1.0, 0]), 40.0)


def picture(world, index, seed=3):
    layout, sight = draw_picture(np.random.default_rng([seed, index]), world, index, "t", SIZE)
    return layout, sight, *describe(layout, sight, SIZE)


@BOTH
def test_a_picture_repeats_and_has_all_fields(world):
    _, _, facts, annotations = picture(world, 2)
    assert (facts, annotations) == picture(world, 2)[2:]
    assert annotations and facts["px_per_cm"] > 0 and facts["camera_tilt_deg"] <= 60.01
    shipped = load("val").file.annotations[0]
    for annotation in annotations:
        assert annotation.keys() == shipped.keys() - {"image_id"}
        whole, visible = (masks.decode(annotation[key]) for key in ("segmentation", "visible_segmentation"))
        assert not (visible & ~whole).any() and visible.any()
        assert annotation["occlusion_rate"] == pytest.approx(1 - visible.sum() / whole.sum(), abs=1e-4)
    assert sorted(a["depth_order"] for a in annotations) == list(range(1, len(annotations) + 1))


def test_the_foreign_world_shares_no_family_with_the_stream():
    for kind in ("tables", "carriers", "lights"):
        assert not set(getattr(FOREIGN, kind)) & set(getattr(STREAM, kind))
    assert min(FOREIGN.cameras.field_of_view) > max(STREAM.cameras.field_of_view)
    assert {*STREAM.tables, *FOREIGN.tables} == set(tables._MAKERS)
    assert {*STREAM.carriers, *FOREIGN.carriers} == set(carriers._MAKERS)
    assert {*STREAM.lights, *FOREIGN.lights} == set(lights._MAKERS)


def test_the_data_card_knows_both_worlds():
    card = (data_dir() / "README.md").read_text(encoding="utf-8")
    (row,) = (line for line in card.splitlines() if line.startswith("| field of view |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
    assert cells == ["{} to {} degrees".format(*world.cameras.field_of_view) for world in (STREAM, FOREIGN)]
    assert f"{engine.SPLITS['stream'].count:,} by default" in card
    assert f"**`test_foreign`** is its test, {engine.SPLITS['test_foreign'].count} plates" in card


def test_old_plates_are_drawn_as_before():
    """Their truth at full size is the shipped one; with room for another processor's last digits."""
    shipped = load("test_non_occluded").file.content
    layout, _ = engine.make_layout("test_non_occluded", 5, shipped["info"]["seed"], 150, 320)
    theirs = [a for a in shipped["annotations"] if a["image_id"] == 5]
    assert [p.item_id for p in layout.pieces] == [a["item_id"] for a in theirs]
    assert [p.weight_g for p in layout.pieces] == pytest.approx([a["weight_g"] for a in theirs], abs=0.02)
    whole = look(layout.pieces, layout.camera, 320).amodal
    stored = np.stack([masks.decode(a["segmentation"]) for a in theirs])
    assert np.diag(masks.iou(whole, stored)) == pytest.approx(1, abs=0.01)


def piece(name="tahu", spot=(0, 0, 0)):
    rng = np.random.default_rng(5)
    made = weigh(name, "t-1", Batch(name, rng).make(rng), rng)
    made.pose = Pose(np.eye(3), np.array(spot, float))
    return made


def scene(pieces, parts, camera, world=STREAM):
    carrier = carriers.make_carrier(np.random.default_rng(0), "plate", 10)
    return WideLayout(pieces, carrier, parts, camera, take_stance(np.random.default_rng(0), world.cameras))


def test_things_hide_food_and_are_not_food():
    food = piece(spot=(0, 0, 0.7))
    lid = revolve(np.array([(0, 20.0), (30, 20), (30, 19.5), (0, 19.5)]), (0.5, 0.5, 0.5))
    half = lid.moved(0, np.array([30.0, 0, 0]))
    free, covered = (look_around(scene([food], parts, ABOVE), SIZE) for parts in ([], [half]))
    assert np.array_equal(free.views.amodal, covered.views.amodal) and free.views.occlusion.max() < 0.02
    assert 0.2 < covered.views.occlusion[0] < 0.8
    facts, (annotation,) = describe(scene([food], [half], ABOVE), covered, SIZE)
    assert facts["scenario"] == "occluded" and annotation["occluded_by"] == []
    assert look_around(scene([food], [lid], ABOVE), SIZE).pieces == []


def test_the_border_cuts_masks_and_changes_nothing_else():
    food = piece("serabi", (1.5, 0, 0.7))
    near = Camera(ABOVE.origin, ABOVE.target, ABOVE.up, 8.0)
    doubled = np.rad2deg(2 * np.arctan(2 * np.tan(np.deg2rad(4))))
    far = Camera(ABOVE.origin, ABOVE.target, ABOVE.up, doubled)
    cut = look_around(scene([food], [], near), 64).views.amodal[0]
    whole = look_around(scene([food], [], far), 128).views.amodal[0]
    assert cut[:, 0].any() or cut[:, -1].any()
    assert np.array_equal(cut, whole[32:96, 32:96]) and whole.sum() > cut.sum()


@BOTH
def test_empty_tables_are_pictures_without_annotations(world, tmp_path):
    index = KINDS.index("empty") + 1
    _, _, facts, annotations = picture(world, index)
    assert facts["scenario"] == "empty" and annotations == []
    writer = SplitWriter(tmp_path, "stream")
    for number in (index - 1, index):
        writer.add(number, np.zeros((SIZE, SIZE, 3), np.uint8), *picture(world, number)[2:])
    path = writer.finish(3, "a test")
    assert check_file(path).of(advice=False) == []
    full = path.read_text()
    again = SplitWriter(tmp_path, "stream")
    again.recover()
    assert again.is_done(index) and again.finish(3, "a test").read_text() == full
    source = CocoFile(path, tmp_path / "images")
    assert len(source) == 2 and len(source[1].labels) == 0 and source[1].whole.shape == (0, SIZE, SIZE)


def test_half_are_heaps_and_a_tenth_is_empty():
    assert [KINDS.count(kind) for kind in ("heap", "open", "empty")] == [5, 4, 1]


@pytest.mark.parametrize("family", sorted(carriers._MAKERS))
def test_a_carrier_s_surface_is_where_its_mesh_is(family):
    carrier = carriers.make_carrier(np.random.default_rng(2), family, 10)
    mesh = joined(carrier.parts)
    origin, directions = ABOVE.rays(60)
    depth = Tracer(mesh.vertices, mesh.faces).depth(ABOVE, 60)
    hit = np.isfinite(depth)
    points = (origin + directions * np.where(hit, depth, 0)[..., None])[hit]
    inside = np.hypot(*points[:, :2].T) < 0.93 * carrier.reach(np.arctan2(points[:, 1], points[:, 0]))
    # Single rays slip through between two triangles to the underside.
    assert inside.sum() > 100
    assert np.mean(np.abs(carrier.surface(points[inside, :2]) - points[inside, 2]) < 0.03) > 0.95
    assert carrier.surface(points[inside, :2]) == pytest.approx(carrier.floor, abs=0.03)


@pytest.mark.parametrize("family", ["plate", "platter", "basket", "board"])
def test_food_comes_to_rest_on_a_carrier(family):
    rng = np.random.default_rng(4)
    carrier, food = carriers.make_carrier(rng, family, 10), piece("tempe")
    start = [Pose(np.eye(3), np.array([1.0, 0, carrier.floor + 1]))]
    (pose,) = physics.settle([food.shape], [food.weight_g], start, carrier.solids, body_hull)
    assert pose.apply(food.shape.vertices)[:, 2].min() == pytest.approx(carrier.floor, abs=0.15)


@pytest.mark.parametrize("thing", sorted({*ON_PLATE, *ON_TABLE}))
def test_things_stand_on_the_table_and_face_outward(thing):
    made = make_thing(np.random.default_rng(1), thing)
    for part in made.parts:
        assert np.isfinite(part.vertices).all() and part.faces.max() < len(part.vertices) == len(part.colours)
        assert part.linear.min() >= 0 and part.linear.max() <= 1
    low = min(part.vertices[:, 2].min() for part in made.parts)
    assert -0.35 < low < 1.5 and 0.1 < made.height < 20 and 0.5 < made.radius < 20


@pytest.mark.parametrize("family", sorted(tables._MAKERS))
def test_tables_are_textures_of_their_own_draw(family):
    first, again, other = (tables.make_table(np.random.default_rng(seed), family)[0] for seed in (1, 1, 2))
    assert first.shape == (512, 512, 3) and first.dtype == np.float32 and first.min() >= 0 and first.max() <= 1
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("family", sorted(lights._MAKERS))
def test_light_comes_from_above_the_table(family):
    light = lights.make_light(np.random.default_rng(1), family, np.array([0, 0, 1.0]))
    assert light.lamps and light.ambient.min() > 0
    assert all(lamp.position[2] > 5 and lamp.radiance.min() > 0 for lamp in light.lamps)


def test_cameras_keep_to_their_world():
    rng = np.random.default_rng(0)
    stances = [take_stance(rng, Range(60, (26, 52))) for _ in range(300)]
    tilts = np.rad2deg([stance.tilt for stance in stances])
    assert tilts.max() <= 60.001 and (tilts > 40).mean() > 0.2 and (tilts < 15).mean() > 0.2
    camera = Stance(np.deg2rad(50), 1.0, 0.0, 40, 0).at(np.array([0, 0, 1.0]), 20)
    assert camera.tilt_degrees == pytest.approx(50) and camera.pixels_per_cm(320, 1.0) == pytest.approx(16)


def test_a_phone_s_photo_is_its_own_and_never_black():
    dark = np.full((32, 32, 3), 0.001, np.float32)
    dark[:4] = 5  # a lamp's mirror image
    first, again, other = (develop(dark, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.uint8 and np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.median(first[8:]) > 60


@BOTH
def test_close_ups_and_whole_plates_are_framed(world):
    """A piece of 5 cm is from under a fifth to more than .4 of the photo's side, larger ones up to .8."""
    food, shares = piece(), []
    layout = scene([food], [], ABOVE)
    points = food.pose.apply(food.shape.vertices)
    for seed in range(80):
        rng = np.random.default_rng(seed)
        camera = frame(rng, take_stance(rng, world.cameras), [food], layout.carrier)
        long = np.ptp(points[:, :2], axis=0).max()
        shares.append(long * camera.pixels_per_cm(1, points[:, 2].mean()))
    assert min(shares) < 0.25 and 0.4 < max(shares) < 1.1 and np.mean(np.array(shares) > 0.35) > 0.1


def test_a_wide_picture_is_rendered(tmp_path):
    path = engine.render_split(tmp_path, "test_foreign", 11, "a test", 1, jobs=1, size=SIZE)
    assert check_file(path).of(advice=False) == []
    pixels = np.asarray(Image.open(tmp_path / "images" / "test_foreign" / "00001.jpg"))
    assert pixels.shape == (SIZE, SIZE, 3) and pixels.std() > 10
    assert json.loads(path.read_text())["annotations"]
