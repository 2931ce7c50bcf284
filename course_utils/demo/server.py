"""The demo's small web server: one page, a few example plates, and one question, "what is on this photo?"."""

import asyncio
import io
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tornado import netutil, web
from tornado.httpserver import HTTPServer

from course_utils.dataset import CLASSES, Scene, load
from course_utils.dataset.upload import MAX_MEGABYTES, read_upload
from course_utils.demo.analysis import MEASURED_AT, Analyst
from course_utils.demo.guard import host_problem, origin_problem, own_names
from course_utils.demo.interrupt import GivenUp
from course_utils.errors import CourseError
from course_utils.paths import data_dir
from course_utils.translation.current import speak, speaking, spoken
from course_utils.translation.language import SOURCE, Language, languages
from course_utils.translation.say import N_, _

PAGE = Path(__file__).with_name("page")
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
OWN_NAME = N_("In English")
"""The way to a page: its translation, whatever the language, is what that language calls itself."""
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
    """Shared by all answers: what the server holds, who may ask, and errors as one sentence in JSON."""

    def initialize(
        self,
        analyst: Analyst,
        plates: dict[str, Scene],
        workers: ThreadPoolExecutor,
        names: frozenset[str],
        language: str,
    ) -> None:
        """Called by tornado with the application's parts; ``language`` is that of who asks for none."""
        self.analyst, self.plates, self.workers, self.names, self.language = analyst, plates, workers, names, language

    def set_default_headers(self) -> None:
        """Nothing from elsewhere may be loaded, and no other site may show this page inside its own."""
        policy = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'"
        self.set_header("Content-Security-Policy", policy)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Turn away what comes by another name, from another site, or in a language that there is not."""
        problem = self.choose_language()
        host = self.request.host
        if stranger := host_problem(host, self.names) or origin_problem(self.request.headers.get("Origin"), host):
            self.refuse(stranger, 403)
        elif problem:
            self.refuse(problem)

    def choose_language(self) -> str:
        """Speak the language of ``?language=..``; why that cannot be, or nothing.

        It holds for this answer alone: tornado runs each as a task of its own.
        """
        code, known = self.get_query_argument("language", self.language), [SOURCE, *languages()]
        speak(code if code in known else self.language)
        words = _("there is no language {code}; there are: {known}")
        return "" if code in known else words.format(code=repr(code[:20]), known=", ".join(known))

    def refuse(self, reason: str, status: int = 400) -> None:
        """Say in one sentence why there is no answer."""
        self.set_status(status)
        self.finish({"error": reason})

    def write_error(self, status_code: int, **how: Any) -> None:
        """The rest, such as an unknown address, in the same form."""
        self.finish({"error": _("there is nothing here: {status}").format(status=status_code)})


class Nothing(Answer):
    """Whatever has no address here."""

    def prepare(self) -> None:
        """Refuse it, whoever asks."""
        self.choose_language()
        raise web.HTTPError(404)


class Page(Answer):
    """The page, and with it the words of its scripts."""

    def get(self) -> None:
        """Answer ``GET /``."""
        language = spoken()
        others = {code: own_name(code) for code in [SOURCE, *languages()] if code != language}
        self.render("index.html", _=_, language=language, others=others, words=Language(language).words("demo"))


class Part(Answer):
    """A part of the page that has no words of its own."""

    def get(self, name: str) -> None:
        """Answer ``GET /page/NAME``."""
        path = next((one for one in PAGE.iterdir() if one.name == name and one.suffix in KINDS), None)
        if path is None:
            raise web.HTTPError(404)
        self.set_header("Content-Type", f"{KINDS[path.suffix]}; charset=utf-8")
        self.finish(path.read_bytes())


class Plates(Answer):
    """Names of the example plates, and their photos."""

    def get(self, name: str | None = None) -> None:
        """Answer ``GET /plates`` and ``GET /plates/NAME.jpg``."""
        if name is None:
            plates = [
                {"name": key, "scenario": one.scenario, "foods": [CLASSES[label - 1] for label in one.labels]}
                for key, one in self.plates.items()
            ]
            self.finish({"plates": plates})
        elif name in self.plates:
            self.set_header("Content-Type", "image/jpeg")
            self.finish((data_dir() / "images" / self.plates[name].file_name).read_bytes())
        else:
            self.refuse(_("there is no plate {name}").format(name=name), 404)


class Picture(Answer):
    """A photo as the model will see it, whatever the browser can show."""

    async def post(self) -> None:
        """Answer ``POST /picture`` with a PNG."""
        try:
            content = await asyncio.to_thread(png_of, self.request.body)
        except CourseError as error:
            self.refuse(str(error))
            return
        self.set_header("Content-Type", "image/png")
        self.finish(content)


class Question(Answer):
    """What is on a plate?"""

    gone = False

    async def post(self, name: str | None = None) -> None:
        """Answer ``POST /plates/NAME`` for an example, ``POST /photo`` for a photo.

        A photo's scale is given by ``?plate_share=..&diameter_cm=..``; without both its pieces are only found.
        ``score=..`` is the smallest that counts.
        """
        if name is not None and name not in self.plates:
            return self.refuse(_("there is no plate {name}").format(name=name), 404)
        try:
            score = self.number("score", _("the smallest score"), 0.05, 0.95, MEASURED_AT)
            if name is not None:
                scene = self.plates[name]
                return await self.think(scene.image, scene.px_per_cm, score, scene)
            photo = await asyncio.to_thread(read_upload, self.request.body)
            return await self.think(photo, self.px_per_cm(photo), score)
        except CourseError as error:
            return self.refuse(str(error))

    async def think(self, photo: np.ndarray, px_per_cm: float | None, score: float, scene: Scene | None = None) -> None:
        """Analyse a photo, one at a time, while the server goes on answering; not at all once nobody waits for it."""
        ask = partial(self.analyst.analyse, photo, px_per_cm, score, scene, lambda: self.gone)
        question = partial(copy_context().run, ask)  # the worker's thread speaks no language of its own
        try:
            result = await asyncio.get_running_loop().run_in_executor(self.workers, question)
        except GivenUp:
            return
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(result, allow_nan=False))

    def on_connection_close(self) -> None:
        """Called by tornado when the browser no longer waits."""
        self.gone = True

    def px_per_cm(self, photo: np.ndarray) -> float | None:
        """The scale of a photo; None when nothing is said of it."""
        if not {"plate_share", "diameter_cm"} & set(self.request.arguments):
            return None
        share = self.number("plate_share", _("the length of the ruler, as a share of the photo's width,"), 0.05, 5)
        return share * photo.shape[1] / self.number("diameter_cm", _("the diameter of the plate, in cm,"), 2, 100)

    def number(self, name: str, words: str, lowest: float, highest: float, default: float | None = None) -> float:
        """A number from the address; CourseError, with ``words`` for it, when it is none or makes no sense."""
        if default is not None and name not in self.request.arguments:
            return default
        try:
            value = float(self.get_query_argument(name))
        except (ValueError, web.HTTPError):
            raise CourseError(_("{number} is missing or no number").format(number=words)) from None
        if not lowest <= value <= highest:
            told = _("{number} is {value:g}; it should lie between {lowest:g} and {highest:g}")
            raise CourseError(told.format(number=words, value=value, lowest=lowest, highest=highest))
        return value


def own_name(language: str) -> str:
    """What a language calls itself, such as "Bahasa Indonesia"."""
    with speaking(language):
        return _(OWN_NAME)


def png_of(upload: bytes) -> bytes:
    """An uploaded picture as `read_upload` reads it, as a PNG file; CourseError where that raises one."""
    file = io.BytesIO()
    Image.fromarray(read_upload(upload)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def make_app(analyst: Analyst, host: str, language: str) -> web.Application:
    """The demo as a tornado application, called by the name ``host``; ``language`` is that of who asks for none."""
    parts: dict[str, Any] = {
        "analyst": analyst,
        "plates": example_plates(),
        "workers": ThreadPoolExecutor(1),
        "names": own_names(host),
        "language": language,
    }
    routes = [
        (r"/", Page, parts),
        (r"/page/([a-z]+\.[a-z]+)", Part, parts),
        (r"/plates", Plates, parts),
        (r"/plates/([a-z_]+-\d+)\.jpg", Plates, parts),
        (r"/plates/([a-z_]+-\d+)", Question, parts),
        (r"/picture", Picture, parts),
        (r"/photo", Question, parts),
    ]
    return web.Application(routes, default_handler_class=Nothing, default_handler_args=parts, template_path=str(PAGE))


async def serve(analyst: Analyst, host: str, port: int, language: str = SOURCE) -> int:
    """Start listening; the port, which the system chooses when ``port`` is 0.

    Raises:
        CourseError: the port is taken, or the host is none of this machine's or no name at all.
    """
    try:
        sockets = netutil.bind_sockets(port, host)
    except socket.gaierror:
        raise CourseError(f"{host}:{port}: cannot be listened on: no machine is called {host!r}") from None
    except OSError as error:
        raise CourseError(f"{host}:{port}: cannot be listened on: {error.strerror}; try another --port") from None
    except UnicodeError:  # Python cannot write it as the name of a host, such as "a..b"
        raise CourseError(f"{host}:{port}: cannot be listened on: {host!r} is no name of a host") from None
    # More than a photo may have, so that one that is a little too large still gets its sentence.
    limit = 2 * MAX_MEGABYTES * 2**20
    HTTPServer(make_app(analyst, host, language), max_body_size=limit, max_buffer_size=limit).add_sockets(sockets)
    return sockets[0].getsockname()[1]
