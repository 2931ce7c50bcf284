"""The renderer at small sizes: repeatable, resumable, and true to its physics and its camera."""

import gzip
import importlib.util
import json
import os
import subprocess
import sys

import joblib
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

for name in ("mitsuba", "mujoco", "oidn"):
    # Not imported here: oidn finds its own libraries only with the help of our module.
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} of the extra `render` is not installed", allow_module_level=True)

from course_utils import masks
from course_utils.commands.data import data
from course_utils.dataset import load
from course_utils.errors import CourseError
from course_utils.paths import data_dir
from course_utils.synthetic import denoise, engine, layout, physics
from course_utils.synthetic.camera import Camera, hand_held
from course_utils.synthetic.plate import make_plate
from course_utils.synthetic.tracing import Tracer, views
from course_utils.synthetic.writer import SplitWriter

SIZE = 64


def render(folder, split="test_non_occluded", count=2, seed=11):
    return engine.render_split(folder, split, seed, "a test", count, jobs=1, size=SIZE)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rendered")
    return folder, render(folder)


def test_two_pictures_are_rendered(rendered):
    folder, path = rendered
    coco = json.loads(path.read_text())
    assert [image["file_name"] for image in coco["images"]] == [f"test_non_occluded/0000{k}.jpg" for k in (1, 2)]
    for image in coco["images"]:
        pixels = np.asarray(Image.open(folder / "images" / image["file_name"]))
        assert pixels.shape == (SIZE, SIZE, 3) and pixels.std() > 10
        plate = masks.decode(image["plate_segmentation"])
        whole = [masks.decode(a["segmentation"]) for a in coco["annotations"] if a["image_id"] == image["id"]]
        assert whole and all((mask & plate).sum() > 0.9 * mask.sum() for mask in whole)


def test_the_same_seed_gives_the_same_truth_and_nearly_the_same_pixels(rendered, tmp_path):
    folder, path = rendered
    again = render(tmp_path)
    assert again.read_text() == path.read_text()
    for name in ("00001.jpg", "00002.jpg"):
        first, second = (
            np.asarray(Image.open(f / "images" / "test_non_occluded" / name), float) for f in (folder, tmp_path)
        )
        assert np.abs(first - second).mean() < 2


@pytest.mark.slow
def test_a_shipped_plate_comes_out_again(tmp_path):
    """The generator still makes the data set; with room for another processor's last digits."""
    shipped = load("val").file.content
    count, size, number = len(shipped["images"]), shipped["images"][0]["width"], 51
    writer = SplitWriter(tmp_path, "val")
    engine.render_picture(writer, number, shipped["info"]["seed"], count, size)
    again = json.loads(writer.finish(0, "a test").read_text())
    theirs = [a for a in shipped["annotations"] if a["image_id"] == number]
    for first, second in zip(again["annotations"], theirs, strict=True):
        assert [first[key] for key in ("item_id", "category_id")] == [second[key] for key in ("item_id", "category_id")]
        assert first["weight_g"] == pytest.approx(second["weight_g"], abs=0.02)
        whole = np.stack([masks.decode(one["segmentation"]) for one in (first, second)])
        assert masks.iou(whole[:1], whole[1:])[0, 0] > 0.99
    photos = (np.asarray(Image.open(f / "images" / "val" / f"{number:05d}.jpg"), float) for f in (tmp_path, data_dir()))
    assert np.abs(next(photos) - next(photos)).mean() < 2


def test_a_render_goes_on_where_it_stopped(tmp_path, monkeypatch):
    path = render(tmp_path, count=2)
    kept = (tmp_path / "images" / "test_non_occluded" / "00002.jpg").stat().st_mtime_ns
    full = path.read_text()
    (tmp_path / "images" / "test_non_occluded" / "00001.jpg").unlink()
    drawn = []
    monkeypatch.setattr(
        engine, "render_picture", lambda writer, index, *rest: drawn.append(index) or original(writer, index, *rest)
    )
    render(tmp_path, count=2)
    assert drawn == [1] and path.read_text() == full
    assert (tmp_path / "images" / "test_non_occluded" / "00002.jpg").stat().st_mtime_ns == kept
    render(tmp_path, count=2)
    assert drawn == [1]


def test_a_compressed_file_is_recovered_and_stays_compressed(tmp_path):
    path = render(tmp_path, count=1)
    compressed, content = path.with_name(f"{path.name}.gz"), path.read_bytes()
    compressed.write_bytes(gzip.compress(content))
    path.unlink()
    assert render(tmp_path, count=1) == compressed and not path.exists()
    assert gzip.decompress(compressed.read_bytes()) == content


original = engine.render_picture


def test_heaped_pieces_lie_on_the_plate_and_keep_their_promises():
    heap, _ = engine.make_layout("test_occluded", 1, 11, 2, 128)
    seen = layout.look(heap.pieces, heap.camera, 128)
    assert heap.scenario == "occluded" and len(heap.pieces) >= 3 and seen.depth_order() is not None
    for piece in heap.pieces:
        low = piece.pose.apply(piece.shape.vertices)[:, 2].min()
        # Hulls are a little smaller than pieces, and a piece may lean over the rim down to the table.
        assert -0.25 < low < 6 and np.hypot(*piece.pose.position[:2]) < heap.plate.radius


def test_a_weighed_piece_keeps_its_weight_and_shape():
    layouts = [engine.make_layout("weighing", index, 11, 720, SIZE)[0] for index in (1, 2, 11)]
    first, second, other = (item.pieces[0] for item in layouts)
    assert first.item_id == second.item_id != other.item_id
    assert first.weight_g == second.weight_g and np.array_equal(first.shape.vertices, second.shape.vertices)
    assert not np.array_equal(first.pose.rotation, second.pose.rotation)
    assert [engine.make_layout("weighing", k, 11, 720, SIZE)[0].pieces[0].name for k in (120, 121, 720)] == [
        "bakwan",
        "bolu",
        "tempe",
    ]


def test_the_camera_sees_a_ball_where_and_as_large_as_it_is():
    from course_utils.synthetic.mesh import cube_grid

    cube, faces = cube_grid(24, 24, 24)
    ball = cube / np.linalg.norm(cube, axis=1, keepdims=True)
    camera = Camera(np.array([0, 0, 40.0]), np.zeros(3), np.array([0, 1.0, 0]), 30.0)
    depth = Tracer(ball + [2, 0, 0], faces).depth(camera, 200)
    hit = np.isfinite(depth)
    scale = camera.pixels_per_cm(200, 0)
    assert hit.sum() == pytest.approx(np.pi * scale**2, rel=0.02)
    assert depth.min() == pytest.approx(39, abs=0.06)
    assert abs(np.argwhere(hit)[:, 1].mean() - 99.5) == pytest.approx(2 * scale, rel=0.02)


def test_tilt_and_distance_keep_their_limits():
    rng = np.random.default_rng(0)
    cameras = [hand_held(rng) for _ in range(200)]
    assert max(camera.tilt_degrees for camera in cameras) <= 25.01
    distances = [np.linalg.norm(camera.origin - camera.target) for camera in cameras]
    assert min(distances) >= 22 and max(distances) <= 42


def test_who_hides_whom():
    front, back = np.full((4, 4), np.inf, np.float32), np.full((4, 4), np.inf, np.float32)
    front[:2], back[1:] = 5, 6
    seen = views(np.stack([back, front]))
    assert seen.hides.tolist() == [[False, False], [True, False]]
    assert seen.depth_order() == [2, 1] and seen.visible.sum() == 16
    assert seen.occlusion == pytest.approx([1 / 3, 0])
    ring = views(np.stack([[[1, 2, np.inf]], [[np.inf, 1, 2]], [[2, np.inf, 1]]]).astype(np.float32))
    assert ring.depth_order() is None


def test_pieces_settle_on_the_plate():
    rng = np.random.default_rng(2)
    plate = make_plate(rng)
    pieces = [layout.make_piece("tempe", "a", rng), layout.make_piece("tahu", "b", rng)]
    start = [physics.Pose(np.eye(3), np.array([0, 0, plate.floor + height])) for height in (0.3, 2.5)]
    poses = physics.settle([p.shape for p in pieces], [p.weight_g for p in pieces], start, physics.plate_solids(plate))
    below, above = (pose.apply(piece.shape.vertices) for piece, pose in zip(pieces, poses, strict=True))
    assert below[:, 2].min() == pytest.approx(plate.floor, abs=0.15)
    assert above[:, 2].min() > plate.floor - 0.15 and above[:, 2].max() > below[:, 2].max()


def test_the_denoiser_takes_noise_away_and_keeps_the_picture():
    rng = np.random.default_rng(0)
    clean = np.zeros((64, 64, 3), np.float32)
    clean[:, 32:] = 1
    noisy = np.clip(clean + rng.normal(0, 0.3, clean.shape), 0, None).astype(np.float32)
    result = denoise.denoise(noisy, clean, np.zeros_like(clean))
    assert np.abs(result - clean).mean() < 0.6 * np.abs(noisy - clean).mean()


@pytest.mark.parametrize("name", ["mitsuba", "mujoco", "oidn"])
def test_what_is_missing_is_said_in_one_line(monkeypatch, tmp_path, name):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda wanted, *rest: None if wanted == name else real(wanted, *rest)
    )
    with pytest.raises(CourseError, match=rf"^{name} missing; .*\[render\]"):
        CliRunner().invoke(data, ["render", "--split", "val", "--out", str(tmp_path)], catch_exceptions=False)


def test_without_llvm_it_says_so_and_still_renders():
    code = (
        "from course_utils.synthetic import variant; variant.find_llvm = lambda: ''; "
        "from course_utils.synthetic.tracing import Tracer; from course_utils.synthetic.camera import Camera; "
        "import numpy as np; from course_utils.synthetic.mesh import cube_grid; cube, faces = cube_grid(4, 4, 4); "
        "camera = Camera(np.array([0, 0, 40.0]), np.zeros(3), np.array([0, 1.0, 0]), 30.0); "
        "print(variant.mitsuba().variant(), np.isfinite(Tracer(cube, faces).depth(camera, 20)).sum())"
    )
    without = {key: value for key, value in os.environ.items() if key != "DRJIT_LIBLLVM_PATH"}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=without)
    name, pixels = result.stdout.split()
    assert name == "scalar_rgb" and int(pixels) > 0
    assert "LLVM 16 or newer was not found" in result.stderr and result.stderr.count("\n") == 1


def draw_nothing(writer, index, seed, count, size):
    layout_free = {"width": size, "height": size}
    writer.add(index, np.zeros((size, size, 3), np.uint8), layout_free, [])


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_joblib_s_switch_chooses_who_does_the_work(tmp_path, monkeypatch, backend, capsys):
    """Ray's backend is a multiprocessing one, which cannot hand out results as they come; Dask's can, like loky's."""
    monkeypatch.setattr(engine, "render_picture", draw_nothing)
    with joblib.parallel_config(backend):
        path = engine.render_split(tmp_path, "val", 1, "a test", 5, jobs=2, size=16)
    assert [image["id"] for image in json.loads(path.read_text())["images"]] == [1, 2, 3, 4, 5]
    assert "val: 100%" in capsys.readouterr().err


def test_an_unknown_split_is_named(tmp_path):
    result = CliRunner().invoke(data, ["render", "--split", "trian", "--out", str(tmp_path)])
    assert isinstance(result.exception, CourseError) and "no split 'trian'; there are: train" in str(result.exception)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(CourseError, match="images.*cannot be written"):
        render(tmp_path)
