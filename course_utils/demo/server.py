"""The demo's small web server: one page, a few example plates, and one question, "what is on this photo?"."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tornado import netutil, web
from tornado.httpserver import HTTPServer

from course_utils.dataset import Scene, load
from course_utils.dataset.upload import MAX_MEGABYTES, read_upload
from course_utils.demo.analysis import Analyst
from course_utils.errors import CourseError
from course_utils.paths import data_dir

PAGE = Path(__file__).with_name("page.html")
EXAMPLES = 6
"""Of each scenario."""


def example_plates() -> dict[str, Scene]:
    """Plates to pick from by "split-id": test photos with three pieces or more, heaped and laid out."""
    chosen: dict[str, Scene] = {}
    for split in ("test_occluded", "test_non_occluded"):
        many = [scene for scene in load(split) if len(scene.labels) >= 3]
        chosen |= {f"{split}-{scene.id}": scene for scene in many[:EXAMPLES]}
    return chosen


class Answer(web.RequestHandler):
    """Shared by all answers: what the server holds, and errors as one sentence in JSON."""

    def initialize(self, analyst: Analyst, plates: dict[str, Scene], workers: ThreadPoolExecutor) -> None:
        """Called by tornado with the application's parts."""
        self.analyst, self.plates, self.workers = analyst, plates, workers

    def set_default_headers(self) -> None:
        """Nothing from elsewhere may be loaded, and no other site may show this page inside its own."""
        self.set_header("Content-Security-Policy", "default-src 'self' 'unsafe-inline' blob:; frame-ancestors 'none'")
        self.set_header("X-Content-Type-Options", "nosniff")

    def refuse(self, reason: str, status: int = 400) -> None:
        """Say in one sentence why there is no answer."""
        self.set_status(status)
        self.finish({"error": reason})

    async def think(self, photo: np.ndarray, px_per_cm: float | None) -> None:
        """Analyse a photo, one at a time, while the server goes on answering."""
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self.workers, self.analyst.analyse, photo, px_per_cm)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(result, allow_nan=False))


class Page(Answer):
    """The page itself."""

    def get(self) -> None:
        """Answer ``GET /``."""
        self.finish(PAGE.read_bytes())


class Plates(Answer):
    """Names of the example plates, and their photos."""

    def get(self, name: str | None = None) -> None:
        """Answer ``GET /plates`` and ``GET /plates/NAME.jpg``."""
        if name is None:
            self.finish({"plates": [{"name": key, "scenario": one.scenario} for key, one in self.plates.items()]})
        elif name in self.plates:
            self.set_header("Content-Type", "image/jpeg")
            self.finish((data_dir() / "images" / self.plates[name].file_name).read_bytes())
        else:
            self.refuse(f"there is no plate {name}", 404)


class Question(Answer):
    """What is on a plate?"""

    async def post(self, name: str | None = None) -> None:
        """Answer ``POST /plates/NAME`` for an example, ``POST /photo?plate_share=..&diameter_cm=..`` for a photo."""
        if name is not None:
            if name not in self.plates:
                return self.refuse(f"there is no plate {name}", 404)
            scene = self.plates[name]
            return await self.think(scene.image, scene.px_per_cm)
        try:
            photo = read_upload(self.request.body)
            px_per_cm = self.share_of_width() * photo.shape[1] / self.number("diameter_cm", 2, 100)
        except CourseError as error:
            return self.refuse(str(error))
        return await self.think(photo, px_per_cm)

    def share_of_width(self) -> float:
        """The plate's diameter in the photo as a share of the photo's width."""
        return self.number("plate_share", 0.05, 5)

    def number(self, name: str, lowest: float, highest: float) -> float:
        """A number from the address; CourseError when it is none or makes no sense."""
        try:
            value = float(self.get_query_argument(name))
        except (ValueError, web.HTTPError):
            raise CourseError(f"{name} is missing or no number") from None
        if not lowest <= value <= highest:
            raise CourseError(f"{name} is {value:g}; it should lie between {lowest:g} and {highest:g}")
        return value


def make_app(analyst: Analyst) -> web.Application:
    """The demo as a tornado application."""
    parts: dict[str, Any] = {
        "analyst": analyst,
        "plates": example_plates(),
        "workers": ThreadPoolExecutor(1),
    }
    routes = [
        (r"/", Page, parts),
        (r"/plates", Plates, parts),
        (r"/plates/([a-z_]+-\d+)\.jpg", Plates, parts),
        (r"/plates/([a-z_]+-\d+)", Question, parts),
        (r"/photo", Question, parts),
    ]
    return web.Application(routes)


async def serve(analyst: Analyst, host: str, port: int) -> int:
    """Start listening; the port, which the system chooses when ``port`` is 0.

    Raises:
        CourseError: the port is taken, or the host is none of this machine's or no name at all.
    """
    try:
        sockets = netutil.bind_sockets(port, host)
    except OSError as error:
        raise CourseError(f"{host}:{port}: cannot be listened on: {error.strerror}; try another --port") from None
    except UnicodeError:  # Python cannot write it as the name of a host, such as "a..b"
        raise CourseError(f"{host}:{port}: cannot be listened on: {host!r} is no name of a host") from None
    # More than a photo may have, so that one that is a little too large still gets its sentence.
    limit = 2 * MAX_MEGABYTES * 2**20
    HTTPServer(make_app(analyst), max_body_size=limit, max_buffer_size=limit).add_sockets(sockets)
    return sockets[0].getsockname()[1]
