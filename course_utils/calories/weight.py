"""From features to grams: linear regressions per class on the weighing set, and what they are worth on new pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils.calories.features import FEATURES, measure_all
from course_utils.calories.scale import of_scene
from course_utils.dataset import Scene, load
from course_utils.dataset.classes import class_name
from course_utils.errors import CourseError

ONE, FOUR = FEATURES[:1], FEATURES
"""The two sets of features that the thesis compares."""

_PENALTIES = (1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Weighings:
    """The weighing set as a table of P photos.

    Attributes:
        features: ``(P, 4) float64``, columns as in FEATURES.
        labels: ``(P,) int64``, category ids 1 to 6. weights_g: ``(P,) float64``.
        items: ``(P,) str``, which piece of food it is; ten photos show the same one.
    """

    features: np.ndarray
    labels: np.ndarray
    weights_g: np.ndarray
    items: np.ndarray

    def columns(self, names: Sequence[str]) -> np.ndarray:
        """The features of those names: ``(P, len(names))``."""
        return self.features[:, [FEATURES.index(name) for name in names]]

    def of_class(self, label: int) -> "Weighings":
        """Only the photos of one class."""
        chosen = self.labels == label
        return Weighings(self.features[chosen], self.labels[chosen], self.weights_g[chosen], self.items[chosen])


def weighings(scenes: Sequence[Scene] | None = None) -> Weighings:
    """Measure every piece of the weighing set (or of other scenes that carry scale, weight and item) by its whole mask.

    Raises:
        CourseError: a scene has no scale, a piece no weight, or there is no piece at all.
    """
    rows, weights, pieces = [], [], []
    for scene in scenes if scenes is not None else load("weighing"):
        rows.append(measure_all(scene.masks, of_scene(scene)))
        weights.append(weights_of(scene))
        pieces += scene.instances
    if not pieces:
        raise CourseError("weighing set: there is no piece on its photos; at least two of each food are needed")
    return Weighings(
        np.concatenate(rows),
        np.array([piece.label for piece in pieces]),
        np.concatenate(weights),
        np.array([piece.item_id for piece in pieces]),
    )


def weights_of(scene: Scene) -> np.ndarray:
    """What the pieces of a scene weigh: ``(N,) float64``, grams.

    Raises:
        CourseError: a weight is missing, or no positive number.
    """
    for piece in scene.instances:
        if not (np.isfinite(piece.weight_g) and piece.weight_g > 0):
            raise CourseError(
                f"{scene.file_name}: annotation {piece.id}: weight_g is {piece.weight_g}; a positive number is needed"
            )
    return scene.weights_g


def fit(features: np.ndarray, weights_g: np.ndarray, items: np.ndarray, regularised: bool = False) -> BaseEstimator:
    """A linear regression ``(P, F) -> (P,)`` grams for one class.

    Ordinary least squares; or, regularised, ridge regression (Hoerl and Kennard 1970), whose penalty is chosen
    on pieces left out of the training photos.
    """
    if not regularised:
        return make_pipeline(StandardScaler(), LinearRegression()).fit(features, weights_g)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()),
        {"ridge__alpha": _PENALTIES},
        scoring="neg_mean_absolute_error",
        cv=GroupKFold(3),
    )
    return search.fit(features, weights_g, groups=items)


@dataclass(frozen=True)
class CrossValidation:
    """Predictions for photos that the model had not seen: true and predicted grams ``(P,)`` with their labels."""

    labels: np.ndarray
    true_g: np.ndarray
    predicted_g: np.ndarray

    @property
    def residuals_g(self) -> np.ndarray:
        """Predicted minus true, ``(P,)`` grams."""
        return self.predicted_g - self.true_g

    def r2(self, label: int) -> float:
        """Share of one class's variance in weight that is explained; below 0 when the mean weight predicts better."""
        chosen = self.labels == label
        return float(r2_score(self.true_g[chosen], self.predicted_g[chosen]))

    def mae_g(self, label: int) -> float:
        """Mean absolute error of one class, grams."""
        return float(np.abs(self.residuals_g[self.labels == label]).mean())


def cross_validate(
    table: Weighings, names: Sequence[str] = ONE, regularised: bool = False, whole_pieces: bool = True
) -> CrossValidation:
    """Predict each photo by a model of its class that was fitted without the piece in it.

    Args:
        table: the weighing set. names: of the features to use. regularised: see `fit`.
        whole_pieces: leave out one piece with all its photos at a time. False splits photos at random
            into as many parts, so that a piece is in train and test at once: the numbers look better than they are.

    Raises:
        CourseError: too few pieces of a class were weighed.
    """
    predicted = np.empty(len(table.labels))
    for label in np.unique(table.labels):
        rows = np.flatnonzero(table.labels == label)
        one = table.of_class(label)
        _check_pieces(one, least=4 if regularised else 2)
        columns = one.columns(names)
        for train, test in _folds(one, whole_pieces):
            model = fit(columns[train], one.weights_g[train], one.items[train], regularised)
            predicted[rows[test]] = model.predict(columns[test])
    return CrossValidation(table.labels, table.weights_g, predicted)


def _check_pieces(one: Weighings, least: int) -> None:
    """Refuse a class with too few pieces: one is left out, and a penalty is chosen on three more."""
    found = len(np.unique(one.items))
    if found < least:
        raise CourseError(
            f"{class_name(one.labels[0])}: {found} weighed {'piece' if found == 1 else 'pieces'} by item_id; "
            f"at least {least} are needed to judge the regression on one that it has not seen"
        )


def _folds(one: Weighings, whole_pieces: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Indices of the photos of one class to fit on and to predict, as often as there are pieces."""
    if whole_pieces:
        return LeaveOneGroupOut().split(one.features, groups=one.items)
    return KFold(len(np.unique(one.items)), shuffle=True, random_state=0).split(one.features)


def variance_inflation(features: np.ndarray) -> np.ndarray:
    """Variance inflation factor of each column: ``(P, F) -> (F,)``.

    1 / (1 - R²) of the regression of the column on all others: by how much the variance of its coefficient is larger
    than if the features had nothing to do with each other (Marquardt 1970). Infinite for a column that the others
    determine; from about 10 on a coefficient should not be interpreted.
    """
    factors = []
    for k in range(features.shape[1]):
        others, column = np.delete(features, k, axis=1), features[:, k]
        r2 = LinearRegression().fit(others, column).score(others, column) if others.shape[1] else 0.0
        factors.append(1 / (1 - r2) if r2 < 1 else np.inf)
    return np.array(factors)


class WeightModel:
    """One regression for each class of a weighing set.

    Args:
        table: the weighing set. names: of the features to use. regularised: see `fit`.

    Attributes:
        usual_error: for each class, the root mean square of (true - predicted) / predicted of its photos under
            `cross_validate`: how wrong the model is on pieces it has not seen. Predictions have the same floor as in
            `predict`.

    Raises:
        CourseError: too few pieces of a class were weighed.
    """

    def __init__(self, table: Weighings, names: Sequence[str] = ONE, regularised: bool = False):
        self.names = tuple(names)
        # A straight line has no meaning far from the pieces it was fitted to, and its weights may even be negative.
        self._lightest = 0.25 * float(table.weights_g.min())
        unseen = cross_validate(table, names, regularised)
        relative = unseen.true_g / np.maximum(unseen.predicted_g, self._lightest) - 1
        self._models, self.usual_error = {}, {}
        for label in np.unique(table.labels):
            one = table.of_class(label)
            self.usual_error[int(label)] = float(np.sqrt(np.mean(relative[table.labels == label] ** 2)))
            self._models[int(label)] = fit(one.columns(names), one.weights_g, one.items, regularised)

    @property
    def labels(self) -> tuple[int, ...]:
        """The classes it knows."""
        return tuple(self._models)

    def predict(self, label: int, features: np.ndarray) -> np.ndarray:
        """Grams of pieces of one class from all four features: ``(N, 4) -> (N,)``.

        Never less than a quarter of the lightest piece that was weighed.

        Raises:
            CourseError: no piece of that class was ever weighed.
        """
        if label not in self._models:
            raise CourseError(f"no piece of class {label} was weighed; known are {', '.join(map(str, self._models))}")
        columns = features[:, [FEATURES.index(name) for name in self.names]]
        return np.maximum(self._models[label].predict(columns), self._lightest)
