"""A trained model and photos of one's own: what it sees on them, as masks, pictures and files."""

from course_utils.prediction.model import load_model
from course_utils.prediction.predict import Prediction, predict

__all__ = ["Prediction", "load_model", "predict"]
