# %% [markdown]
# # 18 · From a photo to kilocalories
#
# Everything comes together: a photo goes in, a number comes out. This lesson runs the whole chain, asks how wrong the number is, and finds out
# which link of the chain is to blame.
#
# **You will be able to**
# - run the whole estimation, from photo to kilocalories, and say what each stage does;
# - measure its error on plates, and split the error into what each stage costs;
# - say how sure a number is, and check that claim;
# - use it on a photo of your own, and know when not to believe it.
#
# **Time**: about 90 minutes · **Builds on**: lessons 14 to 17 · **You build**: the sum of a plate, its error, its interval, and the
# whole estimator out of your own parts.

# %% setup=true
import json
import textwrap

import numpy as np
import pandas as pd

from course_utils.calories import budget, causes, claims, own_score, photo, scale, weight
from course_utils.calories.estimator import Estimator, course_estimator
from course_utils.calories.trust import course_trust
from course_utils.dataset import CLASSES, load, load_foods
from course_utils.exercises.lesson_18 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.ruler import ruler
from course_utils.mask_rcnn.shipped import course_model
from course_utils.metrics.calibration import reliability, with_temperature
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import match_image
from course_utils.paths import data_dir
from course_utils.plots import causes as reality
from course_utils.plots import meals, promises
from course_utils.training.results import stored_results

heaped, laid_out = load("test_occluded"), load("test_non_occluded")
per_100g = np.array([food.kcal_per_100g for food in load_foods().values()])

# %% [markdown]
# ## Alur sistem: how the system works
#
# The thesis behind this course (Aditama, 2022) puts two learnt models in a row. You know both: an amodal Mask R-CNN (lesson 15) finds
# the pieces and draws their whole outlines; a regression (lesson 17) turns the size of an outline into grams. The food table
# does the rest.
#
# Look at the plate below. How many kilocalories do you see? Write your guess down before you run the cell after it.

# %%
model, trust, estimate = course_model(), course_trust(), course_estimator()
plate = max(laid_out[:60], key=lambda scene: len(scene.labels))
found, meal = photo.estimate_photo(model, estimate, plate.image, plate.px_per_cm, trust)
meals.from_photo_to_kcal(plate, found, meal)

# %% uncompared="what a network draws differs a little from processor to processor"
print("piece      grams   kcal   plausible")
for piece in meal.pieces:
    low, high = piece.interval
    print(f"{piece.name:9} {piece.weight_g:5.0f} {piece.kcal:6.0f}   {low:.0f} to {high:.0f}")
print(f"the plate {meal.weight_g:5.0f} {meal.kcal:6.0f}   {meal.interval[0]:.0f} to {meal.interval[1]:.0f}")

# %% [markdown]
# Between a mask and a number lie only a few lines of arithmetic. You have met all of them but the last one.
#
# ### Exercise: kilocalories of a plate
#
# Food tables state energy per 100 g. Add up a plate.


# %% exercise="plate-kcal"
def plate_kcal(labels, grams, kcal_per_100g):
    """Kilocalories of all pieces together.

    labels: (N,) of whole numbers, 1 to 6; grams: (N,); kcal_per_100g: (6,), the
    energy of label 1 first. Returns a number; an empty plate has 0.
    """
    # BEGIN SOLUTION
    total = 0.0
    for label, weight_g in zip(labels, grams):
        total += kcal_per_100g[label - 1] / 100 * weight_g
    return total
    # END SOLUTION


# %% check="plate-kcal"
check("plate-kcal", plate_kcal)

# %% [markdown]
# How good was your guess, and how good is the machine's? The scales know.

# %% uncompared="what a network draws differs a little from processor to processor"
total = yours("plate-kcal", plate_kcal)
on_the_scales = total(plate.labels, plate.weights_g, per_100g)
print(f"estimated {meal.kcal:.0f} kcal, on the scales {on_the_scales:.0f} kcal")

# %% [markdown]
# ## Your own estimator
#
# You have built all that this needs: `area_in_cm2` and `leave_piece_out` in lesson 17, the sum just now. How does `leave_piece_out`
# weigh something new? It predicts each photo by a line through the photos of all *other* pieces. So hand it the weighing set and one
# photo more, of a piece that has never been weighed: its prediction is that of a line through all that were.
#
# The two columns below use the same regression by two roads. Where, if anywhere, will they differ?

# %% uncompared="what a network draws differs a little from processor to processor"
area, leave_out = yours("area-in-cm2"), yours("leave-piece-out")
weighed = weight.weighings()


def my_grams(label, mask, px_per_cm):
    """Grams of a new piece, by your own parts."""
    one = weighed.of_class(label)
    numbers = np.unique(one.items, return_inverse=True)[1]  # which piece is on each photo
    areas = np.append(one.columns(weight.ONE)[:, 0], area(mask, px_per_cm))
    grams = np.append(one.weights_g, 0.0)  # of the new one nobody knows it, and nobody looks
    return leave_out(areas, grams, np.append(numbers, numbers.max() + 1))[-1]


print("piece      your grams   the course's")
for piece, label, mask in zip(meal.pieces, found.labels, found.regions.masks):
    print(f"{piece.name:9} {my_grams(label, mask, plate.px_per_cm):11.1f} {piece.weight_g:14.1f}")

# %% [markdown]
# They agree: at most a tenth of a gram lies between them, where the course leaves out stray specks of a mask before it counts. From here on, whenever a photo of *your own* is weighed,
# it is weighed by your parts.

# %% [markdown]
# Where do the table's numbers come from? Three from the Indonesian food composition table, three are assumptions with a stated basis. A number
# that looks exact is not for that reason right.

# %%
foods = load_foods()
for name in CLASSES:
    source = textwrap.shorten(foods[name].kcal_source, 58, placeholder=" ...")
    print(f"{name:8} {foods[name].kcal_per_100g:4.0f} kcal/100 g  {source}")

# %% [markdown]
# ## Hasil estimasi kalori: how wrong is it?
#
# One plate is an anecdote. We let the model look at every plate of both test splits once and stored what it found; the command is
#
#     course evaluate data/weights/slim.safetensors --out data/results/slim
#
# From these detections the kilocalories are computed here and now.

# %%
seen = {split: stored_results("slim", split)[1] for split in ("val", "test_occluded", "test_non_occluded")}
told = [claims.claims(scenes, estimate, seen[f"test_{scenes[0].scenario}"]) for scenes in (heaped, laid_out)]
plates, pieces = (pd.concat(tables) for tables in zip(*told))
meals.true_against_estimated(plates)

# %% [markdown]
# Two numbers sum such a cloud up. The thesis uses the **mean absolute error** (MAE), in kilocalories: how far off is a plate, on average? It says little
# without knowing how rich the plates are, so beside it stands the **mean absolute percentage error** (MAPE), the error of each plate as a share of what is on it.
#
# $$ \mathrm{MAPE} = \frac{1}{n} \sum_{i=1}^{n} \frac{|\hat{y}_i - y_i|}{y_i} $$
#
# ### Exercise: MAPE
#
# Write it from the formula, for any number of plates.


# %% exercise="mape"
def mape(estimated, true):
    """Mean absolute percentage error as a share: 0.1 is ten percent.

    estimated, true: (N,) kilocalories of plates; none of the true ones is 0.
    """
    # BEGIN SOLUTION
    shares = np.abs(estimated - true) / true
    return shares.mean()
    # END SOLUTION


# %% check="mape"
check("mape", mape)

# %%
share_off = yours("mape", mape)
for scenario, some in plates.groupby("scenario"):
    mae = (some["kcal"] - some["true_kcal"]).abs().mean()
    percent = share_off(some["kcal"].to_numpy(), some["true_kcal"].to_numpy())
    print(f"{scenario:13} {len(some)} plates: MAE {mae:.0f} kcal, MAPE {percent:.0%}")

# %% [markdown]
# What would the thesis's numbers be? Its slide *Hasil Estimasi Kalori* (results of the calorie estimation) shows its MAE as two pictures, one for each scenario, without a table that could be copied; and its
# plates were others, larger or smaller meals, on which the same eyes would have another MAE. So no thesis MAE stands beside ours. What *can* be repeated is the question that the slide asks, and we come to it below.
#
# The same error can be asked of single pieces, food by food. Here it is for every piece of the test plates that the model found. Which foods will be hard?

# %%
right = pieces[pieces["true_kcal"] > 0]
off = (right["kcal"] - right["true_kcal"]).abs() / right["true_kcal"]
by_food = off.groupby(right["food"]).agg(["mean", "size"])
print(by_food["mean"].map("{:.0%}".format).to_string())

# %% [markdown]
# Tahu and tempe: no outline tells how thick a slice of tempe was cut, and one line of tahu has to serve blocks and flat triangles (you have seen both clouds in lesson 17). Tahu was the food that four features would have helped.
#
# ### Exercise: one number for all foods
#
# Somebody gives you such a table, and no more. What is the MAPE over all pieces? (A food of two pieces must not weigh as much as one of ninety.)


# %% exercise="mape-of-all"
def mape_of_all(mape_of_food, pieces_of_food):
    """MAPE over all pieces.

    mape_of_food: (C,), the MAPE over the pieces of each food; pieces_of_food: (C,),
    how many there are, not all 0.
    """
    # BEGIN SOLUTION
    return (mape_of_food * pieces_of_food).sum() / pieces_of_food.sum()
    # END SOLUTION


# %% check="mape-of-all"
check("mape-of-all", mape_of_all)

# %%
of_all = yours("mape-of-all", mape_of_all)(by_food["mean"].to_numpy(), by_food["size"].to_numpy())
print(f"all found pieces: MAPE {of_all:.1%} from the table, {off.mean():.1%} from the pieces themselves")

# %% [markdown]
# ## Who is to blame?
#
# The chain has several links: outline, class, weight, energy. When a plate is 20 % off, which one failed? You cannot tell from the end of the chain, but you can
# replace its beginning by the truth, one link after the other, and watch the error shrink. That is an **error budget**:
#
# | source | outlines | classes | pieces |
# |---|---|---|---|
# | true amodal masks | true, whole | true | all |
# | true visible masks | true, what is seen | true | all |
# | predicted masks | the model's, where it found the piece | true | all |
# | predicted classes | the model's, where it found the piece | the model's | all |
# | end to end | the model's | the model's | what it found |
#
# (*Found*: an outline with an IoU of 0.5 or more with the piece, whatever its name. A piece that was not found keeps its true outline in the third and fourth row.)
#
# Predict: which step adds the most, on heaped plates and on plates laid out?

# %%
tables = []
for scenes in (heaped, laid_out):
    stored = seen[f"test_{scenes[0].scenario}"]
    sure = {image: one.select(one.scores >= 0.5) for image, one in stored.items()}
    tables.append(budget.error_budget(scenes, estimate, sure))
table = pd.concat(tables)
errors = budget.per_plate(table)
meals.budget_bars(errors)

# %% [markdown]
# The first bar is what remains when the eyes are perfect: a weight guessed from an outline seen from above, whose third dimension is missing. The second
# is a perfect modal segmentation, one that outlines what it *sees*. Look at it in heaps: no better network would help it, for the food it misses cannot be seen. This is why the case
# study is about *amodal* segmentation. (And why is the first bar, a share of the plate, *shorter* in heaps? They hold more than twice as many pieces, one thicker, another thinner than its outline says, and within a plate such errors cancel in part.)
#
# The same in kilocalories:

# %%
in_kcal = errors.pivot(index="source", columns="scenario", values="mae_kcal")
print("MAE of a plate, kcal   occluded  non-occluded")
for source in (*budget.FROM_TRUTH, *budget.FROM_MODEL):
    heaps, singles = in_kcal.loc[source, ["occluded", "non_occluded"]]
    print(f"{source:20}{heaps:11.0f}{singles:14.0f}")

# %% [markdown]
# And of single pieces, by how far they are hidden. Predict where the model itself will fail.

# %%
meals.occlusion_bars(budget.by_occlusion(table))

# %% [markdown]
# The last three bars of the budget are the model's own. From bar to bar something is taken away that the truth had lent: the outlines, then the names, then the pieces that were missed
# or invented.

# %%
for scenario in ("occluded", "non_occluded"):
    rows = errors[errors["scenario"] == scenario].set_index("source")["mape"]
    steps = [("outlines", *budget.FROM_MODEL[:1], budget.FROM_TRUTH[0])]
    steps += [("classes", budget.FROM_MODEL[1], budget.FROM_MODEL[0])]
    steps += [("missed or invented", budget.FROM_MODEL[2], budget.FROM_MODEL[1])]
    cost = {name: rows[after] - rows[before] for name, after, before in steps}
    print(f"{scenario:13} in points:", ", ".join(f"{name} {round(100 * value):+d}" for name, value in cost.items()))

# %% [markdown]
# Now put this beside lesson 16. There the outlines were to be mended first; here they cost next to nothing, and the pieces that are missed cost nearly all. Both are right, for the questions differ. At a threshold of 0.85 an outline with an IoU of 0.8 is as wrong as none. In kilocalories it costs what its *area* is
# off, a few percent, on one piece too much and on the next too little. A missed piece loses everything, and always in the same direction. (The very worst outlines, below 0.5, are among the missed here.) So whoever counts calories should work on finding the pieces that lie deep in the heap, and whoever wants a better table on outlines. And the names, of which
# lesson 14 warned that they can cost more than an outline? They would; but the model hardly ever takes one food for another.
#
# A step can even be negative: two errors in opposite directions may cancel. A budget is a guide to where to work next, not an account to the last cent.
#
# ## Lebih banyak fitur: the deck's last table
#
# The deck closes with the MAE of plates by scenario, for its backbones and for one feature and several, and concludes that *lebih banyak fitur belum tentu dapat menurunkan error pengukuran*: more features need not lower the error. Lesson 17 tested that on single
# weighed pieces with true outlines. On plates, outlines are a network's, pieces hide each other, and errors cancel. Here are the two small backbones of lesson 16, each with lines of one and of four features.
#
# Will four features fare better on plates than on the scales, or worse? (The third row has true outlines, so that one can see whose fault it is.)

# %%
regressions = {"one": weight.WeightModel(weighed), "four": weight.WeightModel(weighed, weight.FOUR)}
rows = []
for scenes in (heaped, laid_out):
    scenario = scenes[0].scenario
    by_whom = {name: stored_results(f"pair-{name}", f"test_{scenario}")[1] for name in ("resnet", "resnext")}
    by_whom["true outlines"] = {
        one.id: Detections(one.labels, one.masks, np.ones(len(one.labels))) for one in scenes
    }
    for name, stored in by_whom.items():
        for features, mae in budget.mae_of_plates(scenes, stored, regressions).items():
            rows.append((name, features, scenario, mae))
last = pd.DataFrame(rows, columns=["backbone", "features", "scenario", "mae_kcal"])
meals.last_table(last)

# %% [markdown]
# The deck's sentence holds, and far more strongly than on the scales. With a network's outlines four features make the error of a heap about twice as large, whichever backbone drew them. Whose fault is it? Ask it food by food, of the pieces that the first one found. Before you run it: which food will suffer most? (Lesson 17 has a table that tells.)

# %%
found_by_resnet = stored_results("pair-resnet", "test_occluded")[1]
off_by = {}
for features, regression in regressions.items():
    some = claims.claims(heaped, Estimator(regression), found_by_resnet)[1]
    some = some[some["true_kcal"] > 0]
    off_by[features] = (some["kcal"] - some["true_kcal"]).abs().groupby(some["food"]).mean()
print(pd.DataFrame(off_by).round(0).astype(int).to_string())

# %% [markdown]
# Serabi, by far: the food with the largest VIF. Its four features are four ways to say one thing, and its four coefficients are large and fight each other. On the scales the four *agreed*, so that the fight ended in a draw. On a predicted outline each of them is off by some percent, in its own way; they no longer agree, and large coefficients turn a small disagreement into many grams. Bolu is hardly touched. So it is not that more features know less.
# It is that a line fitted to clean outlines leans on differences that a network does not draw.
#
# Between the two backbones, with one feature, lies less than a kilocalorie in either scenario: nothing that 150 plates could tell apart. (The pair of the thesis is larger, ResNet-101 and ResNeXt-101; `benchmarks/paper_pair.py` trains it.)
#
# ## How large is a plate?
#
# So far the scale was given. On a photo of yours it is not: a tahu twice as far away is a tahu half as large. Something of known size must be in
# the picture, and at a meal there is always one: the plate.

# %%
print(f"{scale.from_plate(plate.plate_mask, plate.plate_diameter_cm):.1f} pixels per cm by the plate")
print(f"{plate.px_per_cm:.1f} pixels per cm by the camera")

# %% [markdown]
# But who knows the diameter of a plate by heart? Say you enter 22 cm, and it has 20.
#
# ### Exercise: the wrong diameter
#
# Assume that a weight is proportional to the area of the outline (nearly what our regression does, for all foods but tahu). What do the kilocalories become?


# %% exercise="wrong-diameter"
def with_wrong_diameter(kcal, true_cm, entered_cm):
    """Kilocalories estimated when the plate is entered as entered_cm wide.

    kcal: what is estimated with the right diameter, true_cm.
    """
    # BEGIN SOLUTION
    stretch = entered_cm / true_cm
    return kcal * stretch * stretch
    # END SOLUTION


# %% check="wrong-diameter"
check("wrong-diameter", with_wrong_diameter)

# %%
meals.wrong_diameter(yours("wrong-diameter", with_wrong_diameter))

# %% [markdown]
# Try it on the plate from above.


# %%
def with_diameter(diameter_cm):
    """The meal on our plate, were it of this diameter."""
    px_per_cm = scale.from_plate(plate.plate_mask, diameter_cm)
    return estimate.estimate(found.labels, found.regions.masks, px_per_cm, found.scores)


ruler(plate, with_diameter)

# %% [markdown]
# ## How sure is it?
#
# A single number sounds surer than it is. An honest answer is an interval, together with how often it holds: "nine times out of ten", say. That is a claim, and a claim can be checked.
#
# Begin with what the weighing set knows. By how much is a line usually off on a piece that it has not seen? Which food, do you expect, is the worst?

# %%
regression = regressions["one"]
print(", ".join(f"{name} {regression.usual_error[label]:.0%}" for label, name in enumerate(CLASSES, 1)))

# %% [markdown]
# That share of its kilocalories is the **spread** of a piece. What is the spread of a plate? If all pieces erred alike, spreads would add up. But one is thicker and the next thinner, each by itself, and such errors add up as the
# sides of right angles do: $s = \sqrt{s_1^2 + s_2^2 + \dots}$ (four equal pieces have *twice* the spread of one, not four times).
#
# If nothing else went wrong, and errors had a bell's shape, nine plates of ten would lie within 1.64 spreads. Try it on `val`, 100 plates that neither network nor lines have learned from, end to end. On how many heaps will it hold?

# %%
val_plates, val_pieces = claims.claims(load("val"), Estimator(regression), seen["val"])
naive = {end: val_plates["kcal"] + step * val_plates["spread"] for end, step in (("low", -1.64), ("high", 1.64))}
holds = claims.held(val_plates.assign(**naive))
print(holds.groupby(val_plates["group"]).mean().map("{:.0%}".format).to_string())

# %% [markdown]
# Promised were 90 %. This interval speaks of the errors that somebody thought of. It knows nothing of a piece that was missed, of an outline that runs astray, of a line that is off for all pieces of its food alike.
#
# So do not think them up: **measure** them. Run the whole chain on plates that nothing was learned from, and see how far the truth really lies from what was said, whatever the reason.

# %%
promises.errors_in_spreads(val_plates, claims.fitted_bounds(val_plates, val_pieces))

# %% [markdown]
# Two groups, since heaps err in another way, and the model can tell them by itself: a plate counts as *heaped* when one of its outlines is partly hidden. In heaps the errors lean to one side. A missed piece makes the truth larger than the estimate, never smaller.
#
# Now take a new plate of the same kind. Its error is one more of these, and there is no reason why it should be the largest rather than the smallest or any other. With $N$ measured plates it falls into each of the $N + 1$ gaps with the same chance. So leave out the
# outermost twentieth on either side, and nine times out of ten the truth lies in between, *whatever shape the errors have*. This is **split conformal prediction** (Papadopoulos et al. 2002).
#
# ### Exercise: the interval of a plate
#
# You get a new plate's estimate and spread, and the errors of $N$ measured plates, in spreads and in any order. Let $k$ be a twentieth of $N + 1$, rounded down. The interval reaches from the $k$-th smallest error to the $k$-th largest. No plate has less than 0 kcal, so neither end lies below.


# %% exercise="plate-interval"
def plate_interval(estimate, spread, errors):
    """The interval that holds a new plate's kilocalories nine times out of ten.

    estimate, spread: kilocalories, two numbers; spread is above 0.
    errors: (N,), N at least 19: (true - estimated) / spread of measured plates.
    Returns its two ends, low and high, in kilocalories and never below 0.
    """
    # BEGIN SOLUTION
    ranked = np.sort(errors)
    k = (len(errors) + 1) // 20
    low = estimate + spread * ranked[k - 1]
    high = estimate + spread * ranked[-k]
    return max(low, 0), max(high, 0)
    # END SOLUTION


# %% check="plate-interval"
check("plate-interval", plate_interval)

# %% [markdown]
# That is all of it: no bell, no simulation. Now the claim goes to the 300 test plates. It would be honest if it held on 90 % of them. With how much would you be content, knowing that 50 plates set each end and 150 judge it?

# %%
interval_of = yours("plate-interval", plate_interval)
measured = {
    group: ((some["true_kcal"] - some["kcal"]) / some["spread"]).to_numpy()
    for group, some in val_plates.groupby("group")
}
ends = [interval_of(one.kcal, one.spread, measured[one.group]) for one in plates.itertuples()]
plates["low"], plates["high"] = np.transpose(ends)
promises.intervals(plates)

# %% [markdown]
# On about nine of ten, in either scenario, though every missed piece is in it. (It might as well have come out some points higher or lower: the ends rest on two or three plates of each group, and another 50 would move them.) The price stands in the figure, too. The bands of heaps are wide, and they reach farther up than down. An interval that is too narrow is no better estimate; it
# is a worse interval. And the band becomes narrower to the right, for the more pieces there are, the more their errors cancel.
#
# The demo and the table at the top of this lesson use the same intervals, fitted by the same rule and stored. (For single pieces the groups are *in full view* and *partly hidden*; an invented piece counts with a truth of 0.) Does the promise hold for every food, too, and for hidden pieces?

# %%
holds = claims.held(pieces)
for by in ("food", "group"):
    print(", ".join(f"{name} {share:.0%}" for name, share in holds.groupby(pieces[by]).mean().items()))
print(f"all {len(pieces)} detections: {holds.mean():.0%}")

# %% [markdown]
# It was promised for the groups, and for the groups it holds (of hidden pieces even more often). For each single food it was *not* promised; where it holds too seldom or too often, the food's usual error, from twelve weighed pieces, was too small or too large. Whoever needs the promise for each food must measure groups of foods, and needs more plates: nineteen of each at least. Why nineteen?
#
# One thing more. Do the truths lie in the *middle* of what was said?

# %%
for row in errors[errors["source"].isin(["true amodal masks", "predicted masks", "end to end"])].itertuples():
    print(f"{row.source:18} {row.scenario:13} bias {round(100 * row.bias):+d} %")
bias = budget.by_food(table).set_index(["source", "food"])["bias"]["true amodal masks"]
print("\npieces with true outlines:", ", ".join(f"{name} {round(100 * bias[name]):+d} %" for name in CLASSES))

# %% [markdown]
# They do not. With true outlines we say a few percent too much, with predicted ones too; in heaps, end to end, pieces that were missed hide it. A mean error near 0 may be two errors that cancel. The last line says where it comes from: each food has *one* line, fitted to twelve weighed pieces, and where that
# line is off it is off for all pieces of the food alike. Tahu's is the worst. The intervals know: measured end to end, they reach farther to one side.
#
# What the interval still does *not* know is whatever `val` does not hold: that the plate was measured wrongly, that your tempe is fried in more oil than the table's, that your photo is no plate of this kind at all.
#
# ## Does it know what it is looking at?
#
# A detector has to choose among six foods, and nothing in lessons 07 to 10 ever asks whether this is the kind of photo that it was trained on. Here are three photos that scikit-image brings along: a cup of coffee, a cat, an astronaut. What will it serve?

# %%
from skimage import data as free

for name in ("coffee", "cat", "astronaut"):
    seen_there = photo.detect(model, getattr(free, name)())
    served = ", ".join(f"{CLASSES[k - 1]} {score:.2f}" for k, score in zip(seen_there.labels, seen_there.scores))
    print(f"{name:9} {served or 'nothing'}")

# %% [markdown]
# So we ask, before any piece is found: the coarsest map of the backbone, averaged over the photo, is a list of
# 256 numbers that says what kind of picture this is. Those of the training plates form a cloud. How far from it, in units of the cloud's own width, lies a photo?
#
# To set a limit one needs photos on the other side. A hard kind of negative costs nothing: plates of `val`, cut into sixteen tiles and mixed. Colours, textures and light are right, and there is no plate. (`benchmarks/trust.py` does this with all of `val`, and stores the limit.)
# Then come photos that had no part in it, the three from above and some more. Before you run it: will a cup of coffee on a table be refused?

# %%
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.mask_rcnn.familiarity import in_tiles, pooled_features


def distance(image):
    return trust.familiarity.distance(pooled_features(model, to_tensor(image)))


rng = np.random.default_rng(0)
some = {"val": load("val")[:8], "test, heaped": heaped[:8], "test, apart": laid_out[:8]}
away = {name: np.array([distance(one.image) for one in scenes]) for name, scenes in some.items()}
away["val in tiles"] = np.array([distance(in_tiles(one.image, rng)) for one in some["val"]])
free_photos = (free.coffee, free.cat, free.astronaut, free.rocket, free.retina, free.immunohistochemistry)
away["free photos"] = np.array([distance(each()) for each in free_photos])
promises.how_unusual(away, trust.farthest)

# %%
record = json.loads((data_dir() / "results" / "slim" / "trust.json").read_text())
print(record["command"])
for words in ("test_occluded: plates refused", "test_non_occluded: plates refused"):
    print(f"{words}: {record['measured'][words]:.1%}")
for words in ("photos", "meals before", "refused", "meals"):
    print(f"free photos: {words}: {record['measured'][f'free photos: {words}']:.0f}")

# %% [markdown]
# A cup of coffee stands on a table, brown and round, and is refused, as are all the others; before, most of them were served as a meal. Of the course's own test plates none is refused.
#
# This is a fence, not knowledge. It says "unlike what I have seen", and every real photo is that: of sixteen photos of real plates with these six foods it refuses all sixteen (`data/results/real_photos.csv`). That is right, too, as the last section will show. Both the demo and the widget below say one sentence then, and no number.
#
# ### Or is it tempe?
#
# A photo may be familiar and a *name* still in doubt. Whenever a second name has the same outline, and at least a fifth of the first one's score, the table says "tempe or bakwan?". For that, scores should mean what they say. They were set straight on `val` by one number, a **temperature** $T$ (Guo et al. 2017): the
# logarithm of the odds is divided by it, so that the order stays and the certainty changes. Will this model need to become surer ($T < 1$) or more modest ($T > 1$)?

# %%
print(f"temperature {trust.temperature:.2f}")
doubts = sum(bool(rival) for one in seen["test_occluded"].values() for rival in photo.rivals(one, trust.temperature))
names = sum(int((one.scores >= 0.5).sum()) for one in seen["test_occluded"].values())
print(f"heaps: {doubts} of {names} names are told with a second one")

# %% [markdown]
# Does it help on plates that had no part in setting it? A **reliability diagram** tells: put detections of about the same score together, and ask how many of them are right (here: the right name, and an IoU of at least one half).

# %%
truth, in_heaps = stored_results("slim", "test_occluded")
scores, good = [], []
for one, guess in truth.pair(in_heaps):
    scores.append(guess.scores)
    good.append(match_image(one, guess).truth_of >= 0)
scores, good = np.concatenate(scores), np.concatenate(good)
calibrated = with_temperature(scores, trust.temperature)
promises.reliability_diagram({
    name: reliability(some, good, edges=(0, 0.1, 0.3, 0.5, 0.7, 0.9, 1))
    for name, some in (("as they come", scores), ("with the temperature", calibrated))
})

# %% [markdown]
# It needed to become more decided. What it says with 0.6 or 0.8 is right more often than that, what it says with 0.1 less often; a temperature below 1 pulls the two ends apart, and there, where nearly all detections lie, the points come nearer to the line; those in the middle stand on a handful of detections each. (The more common case is the other one: most networks are too sure.) But note what a temperature cannot do. It was set on `val`, so it speaks of plates like those. On real photos the same scores mean nothing at all, as you will see.
#
# ## Your own photo
#
# Photograph a plate from straight above, all of its rim in the picture, in even light, and measure its diameter. Set the slider to the share of the photo's width that the plate takes. Grams and kilocalories come from `my_grams` and `total`, your own code.
#
# Most likely you will be refused, and rightly: the model has seen rendered plates only, never a real one. Tick the box if you want to see what it would have said, and count how much of it is right. At the bottom you can write down what really lies there; it is kept in `my_photos.csv`, beside this notebook and nowhere else.

# %% uncompared="a widget has another id each time"
from course_utils.plots.own_photo import own_photo_widget


def my_meal(found, px_per_cm):
    """Kilocalories of each detection, by your own parts."""
    grams = [my_grams(label, mask, px_per_cm) for label, mask in zip(found.labels, found.regions.masks)]
    return [total(found.labels[k : k + 1], np.array(grams[k : k + 1]), per_100g) for k in range(len(grams))]


own_photo_widget(model, trust, my_meal)

# %% [markdown]
# ## On real photos
#
# How wide is the gap? The course's model was tried on 84 photos of real plates with these six foods, 595 pieces, each detection judged by eye (`data/results/real_photos.csv` says how; the photos are other people's and no part of the course). That was after fourteen of its fifteen runs, when it knew a single kitchen. On the course's plates it found nearly every piece and hardly ever
# took one food for another. Guess three numbers for real ones: the share of the pieces that are found, the share of the detections that are pieces, and how often the name is right.

# %%
real = pd.read_csv(data_dir() / "results" / "real_photos.csv", comment="#", index_col="photos_of")
print(real[["photos", "pieces", "precision", "recall", "name_right", "f1_with_name"]].to_string())

# %%
names = pd.read_csv(data_dir() / "results" / "real_photos_names.csv", comment="#", index_col="photo")
promises.taken_for(names)

# %% [markdown]
# This is the number to have in mind beside the F1 of lesson 16: with the name, F1 was about 0.2. (Judged by eye: read it as ±0.05.) And the scores gave no warning. Where they were 0.9 and more, not even half of the names were right, so no temperature could help. What went wrong, by looking at all of them, most frequent first:
#
# 1. **Everything else on the table was food.** Sauce bowls became bolu or tempe, and tomatoes, parsley, leaves and cutlery got a name, too. In training there had never been anything else on a table.
# 2. **Smooth green serabi was bolu**: of 91 detections on photos of serabi 38. The serabi of our kitchen always has brown flecks and a brown rim; the only smooth green thing there is bolu.
# 3. **Battered, fine-grained brown was bakwan**: of 105 on photos of tempe 51. The tempe of our kitchen has no batter.
# 4. **Close-ups were cut to pieces**: one bakwan became three. In our kitchen the longer side of a piece takes .16 to .46 of the photo, and the whole plate is always in it.
# 5. **Seen from the side, or more than eight in a heap**: next to nothing was found. In our kitchen the camera is tilted by 25 degrees at most, and no plate holds more than eight.
# 6. **Masks ended in straight lines**: the box was too small, and a mask cannot leave its box (lesson 09).
#
# ### Same foods, another kitchen
#
# How much of this is renders against reality, and how much *one* kitchen against any other? The split `test_foreign` stands between the two: 60 pictures by the course's own renderer, with the same six foods. But tables, plates, light and lenses are such as our kitchen does not have; other things lie around the food; some pictures are close-ups or
# taken from the side, and six show no food of the course at all.
#
# If kitchens are the trouble, more kitchens should help. So the model had a fifteenth run, for which `course data render --split stream` made 143 plates as varied as these; no table, kind of plate, light or lens is in both. After twelve hours on 900 plates of our kitchen it learned for not quite an hour on those and the 143 together. With the name, F1 is nearly 1
# on our own plates laid out, and was about 0.2 on real photos. What do you expect on `test_foreign`, before that run and after it? And will the heaps of our own kitchen have become worse?

# %%
rows = {}
for split in ("test_occluded", "test_foreign"):
    scenes = load(split)
    for when, folder in (("one kitchen", "slim-one-kitchen"), ("and 143 plates", "slim")):
        everything = stored_results(folder, split)[1]
        verdicts = [causes.judge(one, everything[one.id].select(everything[one.id].scores >= 0.5)) for one in scenes]
        rows[f"{split}, {when}"] = {"photos": len(scenes)} | causes.totals(verdicts)
rows["real photos, one kitchen"] = real.loc["all", list(rows["test_foreign, one kitchen"])]
print(pd.DataFrame(rows).T.astype({"photos": int, "pieces": int}).round(2).to_string())
reality.found_in_a_row(scenes[12::12], [photo.detect(model, one.image) for one in scenes[12::12]])

# %% [markdown]
# Before the run: same foods, same renderer, and most of the skill is gone. (It is no ladder with even steps. These pictures are easier than a photo in some ways, harder in others, such as dusk, steel trays and wide lenses.) So a good part of what looked like a gap between renders and *reality* is one between 900 plates of a single kitchen and anything else.
# After it: fewer outlines on leaves and bowls, more pieces found, more right names, and the heaps at home are hardly worse. With 143 plates we are nowhere near the end of that road; `course data render --split stream` makes as many as you like.
#
# How can a model learn of other kitchens and forget nothing at home? It did forget. What ships is the **mean** of two models, weight by weight: the one before the run and the one after it. That sounds like nonsense, for a network is no straight line. But the second began where the first had ended and did not go far, and between two such points all weights tend to be good
# (Wortsman et al. 2022). `share` is how much of the second is in the mean. Suppose that you may look at `val` only, as it should be. Which share would you ship?

# %%
print(pd.read_csv(data_dir() / "results" / "slim" / "blends.csv", comment="#").to_string(index=False))

# %% [markdown]
# We took 0.5, where F1 at 0.85 and at 0.90, taken together, is best on `val`: better than at either end, as if two judges had been asked. On foreign plates the mean gives up a part of what the run had gained. To have both, train longer on more kitchens.
#
# And the promise from above, nine times out of ten?

# %%
told = claims.claims(scenes, estimate, everything)[0]
print(f"test_foreign: the interval holds on {claims.held(told).mean():.0%} of {len(told)} plates;")
print(f"refused, so that nobody is told an interval: {record['measured']['test_foreign: plates refused']:.0%}")

# %% [markdown]
# It breaks, for it was measured in another place. Nearly all of these plates are refused. So one needs both: the interval says how wrong a number may be on plates like those of `val`, and the fence whether this plate is one of them.
#
# ### One thing at a time
#
# A photo usually has several of the six causes at once, so a list made by eye may blame the wrong one. The renderer can change one thing alone. Below are five pairs of plates, one for each of the first five causes. In a pair, plate, light and table are the same; above is the picture that has the cause, below the one that lacks it. The foods, their places and one seed were chosen before any model saw the pictures.
#
# In how many pairs will a food be named wrongly above, and rightly below? Write down for each pair what the model will say to the upper picture.

# %%
pairs = load("pairs")
reality.unmarked(pairs)

# %%
found_on_pairs = [photo.detect(model, scene.image) for scene in pairs]
reality.found_on_pairs(pairs, found_on_pairs)

# %% [markdown]
# Each title counts the pieces that are outlined and named rightly, those that are outlined under a wrong name, and the outlines that are no piece's. Compare the two columns, row by row. Where the left one is worse, that one change was enough. Look at the wrong names, too: are they those of the list?
#
# Where both columns are alike, this pair does **not** reproduce the cause, and that is a finding, too. Perhaps it takes more of it than here: a *heap* seen from the side, sauce *on* the food. Or what looked like the cause on the photos only came along with the real one. And a pair is an example, no measurement: a rate would need a hundred of each.
#
# The sixth cause needs no new picture. It occurs on the course's own plates, too. Below is, of all outlines on the heaped test plates that are otherwise right (IoU of at least 0.75), the one that ends most at its box although the piece goes on there, and the best outline of the same food whose box fits. Dashed is the truth.

# %%
truth, by_slim = stored_results("slim", "test_occluded")
by_number = {scene.id: scene for scene in heaped}
chosen = causes.cut_and_whole(truth.images, by_slim)
reality.cut_by_box([(by_number[k], piece, photo.detect(model, by_number[k].image)) for k, piece in chosen])

# %% [markdown]
# Where an outline runs along its box, no better mask head would have helped: the mask was never asked about what lies outside.
#
# Five of the six are about what the training set did *not* hold. A better backbone mends none of them. (It is also why an error of some percent on renders is no victory over other work: on real dishes and from the photo alone, the baseline of Nutrition5k is reported to be off by 71 kcal a dish, vision-language models of today by about 40 %, and where the scale is unknown it gets worse for all of them.)
#
# ### Your own score
#
# For this a count and a name for each piece are enough, and ten photos say more than none. Weigh a few through the widget, write down what is there, then run this:

# %% uncompared="counts what is on the reader's own disk"
print(own_score.in_words("my_photos.csv"))

# %% [markdown]
# ### Ten pieces on the scales
#
# One weighed plate is worth a hundred rendered ones. If you want lines for *your* food, do as the thesis did:
#
# 1. Buy or fry ten pieces of one of the six, small and large ones, thick and thin ones. Number them with slips of paper.
# 2. Weigh each on a kitchen scale that shows single grams.
# 3. Lay one piece on a plate of known diameter, in even light, all of the rim in the picture, camera straight above. Take three photos; turn and move the piece in between. Then the next one.
# 4. Write a table `scales.csv` with a line for each photo: `photo,piece,weight_g,plate_cm`.
# 5. Outline the plate (name it `plate`) and the piece (by its food) in labelme or VIA, and let `course data import PATH --out outlines.json` read what the program wrote.
#
# Then
#
#     from course_utils.calories.own_weighings import own_weighings
#     weighed = own_weighings("outlines.json", "scales.csv")
#
# measures all of them, the scale taken from the plate. Run the cells of your own estimator again with this `weighed`, photograph plates of that food alone, and your lines are those of *your* food. How good are they? `leave_out` says so: thirty photos, but *ten* examples.
#
# ## Kesimpulan: conclusions
#
# The thesis drew two: even the best backbone makes some segmentation errors, and more features need not lower the error of the weight. You have now checked both
# yourself (lessons 16 and 17, and the last table above), and can add two: how much of the error of a plate comes from outlines, names, missed pieces and weights; and that all of it holds for the kind of plate that was measured, and for no other. (That ResNeXt-101 does best, as the thesis found, is not among them: the test
# plates do not tell our small pair of lesson 16 apart, and the large one has yet to be trained.)
#
# ## What next?
#
# The deck ends with three directions, and you hold all that is needed to try each:
#
# - **more kinds of overlap in the training set**: `course data render --split train --count 500 --seed 7 --out more` makes 500 new plates;
#   `course train --folder more --out run` trains on both;
# - **other instance segmentation methods** for amodal masks: write their predictions as COCO results, and lessons 12 and 13 judge them;
# - **amodal methods that predict the shape of what overlaps**: the truth is in the annotations, `segmentation` and `visible_segmentation` for the shapes, `depth_order` and `occluded_by` for who lies on whom.
#
# ## Demo program
#
#     course demo
#
# opens a page on your machine: pick a plate or bring a photo, see the pieces outlined, the hidden parts dashed, and a table of grams and
# kilocalories with the intervals from above; or read why there is none.
#
# ## What you now know
#
# - A chain of models is judged at its end, and mended by its budget.
# - MAE says how far off in kilocalories, MAPE as a share of the plate; neither lets the errors of different plates cancel.
# - What should be mended first depends on the question: outlines for F1 at 0.85, missed pieces for kilocalories.
# - Visible masks lose hidden food, whatever the network.
# - The scale counts twice. Measure the plate.
# - An interval is a claim. Measured end to end it holds for plates like the measured ones; believed from one part of the chain it does not.
# - A model does not know what it has never seen. Ask how unusual a photo is before you believe a number.
#
# ## Test yourself
#
# 1. A system has a MAPE of 12 % end to end and of 11 % with true masks and classes. Where would you put your time?
# 2. Why is the interval of a plate narrower, relative to its kilocalories, than that of each of its pieces?
# 3. Your friend's photos give estimates that are all 20 % too high. Name a cause that a better network would not mend.
# 4. Why are nineteen plates the fewest for an interval that holds nine times out of ten?
#
# <details><summary>Answers</summary>
#
# 1. Into the weights: better features, more weighed pieces, perhaps the height of the pieces. The network is nearly done.
# 2. Part of a piece's error is its own, such as its thickness; these parts cancel when pieces are added. (What pieces have in common does not: the scale of the photo, or the line of their food.)
# 3. The plate is about 9 % smaller than your friend says (1.1 squared is 1.21).
# 4. One of N + 1 plates must be allowed to lie outside on either side, and that one may be no more than a twentieth: N + 1 is at least 20.
#
# </details>
#
# ## Read more
#
# - N. Aditama, *Indonesian Street Food Calorie Estimation using Mask R-CNN and Multiple Linear Regression*, Master's thesis, Institut Teknologi Bandung, 2022.
# - A. Meyers et al., "Im2Calories: towards an automated mobile vision food diary", ICCV 2015.
# - H. Papadopoulos et al., "Inductive Confidence Machines for Regression", ECML 2002; J. Lei et al., "Distribution-Free Predictive Inference for Regression", JASA 2018: split conformal prediction.
# - C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017; K. Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples", NeurIPS 2018.
# - Q. Thames et al., "Nutrition5k: Towards Automatic Nutritional Understanding of Generic Food", CVPR 2021.
#
# This was the last lesson. You have built Mask R-CNN and COCO's evaluator, checked each part against the real thing, and weighed a meal with them. Selamat makan!
