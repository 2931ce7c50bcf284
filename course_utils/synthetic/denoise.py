"""Intel's Open Image Denoise: 24 samples a pixel then look like several hundred."""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from course_utils.errors import CourseError


@cache
def _library() -> tuple[ModuleType, ctypes.CDLL, object]:
    spec = importlib.util.find_spec("oidn")
    if spec is None or spec.origin is None:
        raise CourseError('oidn is missing; install the renderer: pip install -e ".[render]"')
    # The wheel brings its own libtbb but does not look for it there.
    for library in sorted(Path(spec.origin).parent.glob("lib.*/libtbb.so*")):
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    import oidn

    device = oidn.NewDevice()
    oidn.CommitDevice(device)
    core = next(value for value in vars(oidn).values() if isinstance(value, ctypes.CDLL))
    # The wheel has no call for flags of a filter, its library has.
    core.oidnSetFilter1b.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_bool]
    return oidn, core, device


def denoise(image: np.ndarray, albedo: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """A render without its noise.

    Args:
        image, albedo, normals: ``(H, W, 3) float32``; linear light of any brightness, and what guides the denoiser.
    """
    oidn, core, device = _library()
    kernel = oidn.NewFilter(device, "RT")
    height, width = image.shape[:2]
    result = np.zeros((height, width, 3), np.float32)
    # The library keeps only addresses: the arrays must live until it has run.
    inputs = {"color": image, "albedo": albedo, "normal": normals}
    kept = {name: np.ascontiguousarray(array, np.float32) for name, array in inputs.items()}
    for name, array in (kept | {"output": result}).items():
        oidn.SetSharedFilterImage(kernel, name, array, oidn.FORMAT_FLOAT3, width, height)
    core.oidnSetFilter1b(kernel, b"hdr", True)
    oidn.CommitFilter(kernel)
    oidn.ExecuteFilter(kernel)
    oidn.ReleaseFilter(kernel)
    return result
