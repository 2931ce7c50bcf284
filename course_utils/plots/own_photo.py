"""The widget with which a reader weighs a photo of their own."""

import ipywidgets
from IPython.display import display

from course_utils.calories.estimator import Estimator
from course_utils.calories.photo import estimate_photo
from course_utils.dataset.upload import read_upload
from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.plots.meals import photo_with_meal


def own_photo_widget(model: MaskRCNN, estimator: Estimator) -> None:
    """Choose a photo, say how wide the plate is and how much of the photo's width it takes, read the result."""
    upload = ipywidgets.FileUpload(accept="image/*", description="Choose a photo")
    diameter = ipywidgets.BoundedFloatText(22.0, min=5, max=60, description="plate, cm")
    wide = {"description_width": "initial"}
    share = ipywidgets.IntSlider(80, min=20, max=100, description="plate, % of the photo's width", style=wide)
    line = ipywidgets.HTML("No photo yet.")
    picture = ipywidgets.Output()

    def update(change: dict | None = None) -> None:
        if not upload.value:
            return
        try:
            image = read_upload(bytes(upload.value[0]["content"]))
        except CourseError as error:
            line.value = f"Sorry: {error}."
            picture.clear_output()
            return
        px_per_cm = share.value / 100 * image.shape[1] / diameter.value
        found, meal = estimate_photo(model, estimator, image, px_per_cm)
        low, high = meal.interval
        count = "1 piece" if len(meal.pieces) == 1 else f"{len(meal.pieces)} pieces"
        line.value = "<br>".join(
            [f"<b>{meal.kcal:.0f} kcal</b>, between {low:.0f} and {high:.0f}, in {count}", *meal.problems]
        )
        picture.clear_output(wait=True)
        with picture:
            photo_with_meal(image, found, meal)

    for widget in (upload, diameter, share):
        widget.observe(update, "value")
    display(ipywidgets.VBox([upload, diameter, share, line, picture]))
