"""The widget with which a reader weighs a photo of their own, and writes down what really lies there."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast

import ipywidgets
import numpy as np
from IPython.display import display

from course_utils.calories.own_score import keep
from course_utils.calories.photo import detect_and_judge, in_order
from course_utils.calories.trust import Trust
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.upload import read_upload
from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.metrics.instances import Detections
from course_utils.plots.meals import draw_found
from course_utils.plots.scenes import draw_photo
from course_utils.plots.style import new_figure, show
from course_utils.translation.say import N_, _

_FILE = "my_photos.csv"
_STRANGE = N_(
    "This photo looks unlike the rendered plates that the model has learned from, so a number would be a guess."
)
_BUT_STRANGE = N_(
    "But this photo looks unlike the rendered plates that the model has learned from, so a number would be a guess."
)


def own_photo_widget(
    model: MaskRCNN, trust: Trust, weigh: Callable[[Detections, float], Sequence[float]], file: str = _FILE
) -> None:
    """Choose a photo, say how wide the plate is and how much of the photo's width it takes, read the result.

    Args:
        model: in evaluation mode. trust: what is known of it.
        weigh: ``weigh(found, px_per_cm)`` gives the kilocalories of each detection.
        file: where counts are kept, in the current folder.
    """
    Widget(model, trust, weigh, file).show()


class Widget:
    """The parts of the widget and what happens when they are used."""

    def __init__(self, model: MaskRCNN, trust: Trust, weigh: Callable, file: str):
        self._model, self._trust, self._weigh, self._file = model, trust, weigh, file
        self._found: Detections | None = None
        wide = {"style": {"description_width": "initial"}, "layout": ipywidgets.Layout(width="420px")}
        self.upload = ipywidgets.FileUpload(
            accept="image/*", description=_("Choose a photo"), layout={"width": "200px"}
        )
        self.diameter = ipywidgets.BoundedFloatText(22.0, min=5, max=60, description=_("plate, cm"))
        self.share = ipywidgets.IntSlider(
            80, min=20, max=100, description=_("plate, % of the width"), continuous_update=False, **wide
        )
        self.anyway = ipywidgets.Checkbox(False, description=_("Show me what it would have said"), indent=False)
        self.line = ipywidgets.HTML(_("No photo yet."))
        self.picture = ipywidgets.Output()
        self.there = {food: ipywidgets.BoundedIntText(0, min=0, max=99, description=food) for food in CLASSES}
        self.button = ipywidgets.Button(description=_("Keep for my score"), disabled=True)
        self.upload.observe(self.look, "value")
        for part in (self.diameter, self.share, self.anyway):
            part.observe(self.tell, "value")
        self.button.on_click(self.keep)

    def show(self) -> None:
        """Put it on the page."""
        counts = ipywidgets.GridBox([*self.there.values()], layout={"grid_template_columns": "repeat(3, 220px)"})
        words = ipywidgets.HTML(_("What really lies there:"))
        above = [self.upload, self.diameter, self.share, self.anyway, self.line, self.picture]
        display(ipywidgets.VBox([*above, words, counts, self.button]))

    def look(self, change: dict | None = None) -> None:
        """Run the model on a new photo."""
        self._found = None
        self.button.disabled = True
        try:
            self._image = read_upload(bytes(self.upload.value[0]["content"]))
        except CourseError as error:
            self.line.value = _("Sorry: {error}.").format(error=error)
            self.picture.clear_output()
            return
        everything, self._strange = detect_and_judge(self._model, self._trust, self._image)
        self._found = in_order(everything)
        self.button.disabled = False
        self.tell()

    def tell(self, change: dict | None = None) -> None:
        """Say what was found, or why nothing is said."""
        if self._found is None:
            return
        self.picture.clear_output(wait=True)
        if self._strange and not self.anyway.value:
            self.line.value = _(_STRANGE)
            return
        px_per_cm = self.share.value / 100 * self._image.shape[1] / self.diameter.value
        kcal = np.asarray(self._weigh(self._found, px_per_cm), float)
        if len(kcal) == 1:
            said = _("<b>{kcal:.0f} kcal</b> in 1 piece, by your own code.")
        else:
            said = _("<b>{kcal:.0f} kcal</b> in {pieces} pieces, by your own code.")
        doubt = f" {_(_BUT_STRANGE)}" if self._strange else ""
        self.line.value = said.format(kcal=kcal.sum(), pieces=len(kcal)) + doubt
        with self.picture:
            self._draw(self._found, kcal)

    def _draw(self, found: Detections, kcal: np.ndarray) -> None:
        height, width = self._image.shape[:2]
        figure, axes = new_figure(1, 1, width=6.0, height=0.3 + 6.0 * height / width)
        draw_photo(axes[0, 0], self._image, f"{kcal.sum():.0f} kcal")
        names = [CLASSES[label - 1] for label in found.labels]
        draw_found(axes[0, 0], found, [f"{name} {one:.0f}" for name, one in zip(names, kcal, strict=True)])
        show(figure, _("A photo on which {pieces} pieces were found.").format(pieces=len(kcal)))

    def keep(self, button: ipywidgets.Button | None = None) -> None:
        """Write down what lies there beside what was said."""
        (upload,) = self.upload.value
        found = cast(Detections, self._found)  # without it the button is off
        said = Counter(CLASSES[label - 1] for label in found.labels)
        try:
            keep(self._file, upload["name"], {food: box.value for food, box in self.there.items()}, said)
            self.line.value = _("Kept in {file}.").format(file=self._file)
        except CourseError as error:
            self.line.value = _("Sorry: {error}.").format(error=error)
