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
# **Time**: about 45 minutes · **Builds on**: lessons 14 to 17 · **You build**: the sum of a plate, its error, its interval, and a feeling for
# the scale.

# %% setup=true
import textwrap

import numpy as np

from course_utils.exercises.lesson_18 import check

# %% [markdown]
# ## Alur sistem: how the system works
#
# The thesis behind this course (Aditama, 2022) puts two learnt models in a row. You know both: an amodal Mask R-CNN (lesson 15) finds
# the pieces and draws their whole outlines; a regression (lesson 17) turns the size of an outline into grams. The food table
# does the rest.
#
# Look at the plate below. How many kilocalories do you see? Write your guess down before you run the cell after it.

# %%
from course_utils.calories import budget, photo, scale
from course_utils.calories.estimator import course_estimator
from course_utils.calories.nutrition import kcal
from course_utils.dataset import CLASSES, load, load_foods
from course_utils.explorables.ruler import ruler
from course_utils.mask_rcnn.shipped import course_model
from course_utils.plots import meals

model = course_model()
estimate = course_estimator()
heaped, laid_out = load("test_occluded"), load("test_non_occluded")
plate = max(laid_out[:60], key=lambda scene: len(scene.labels))

# %%
found, meal = photo.estimate_photo(model, estimate, plate.image, plate.px_per_cm)
meals.from_photo_to_kcal(plate, found, meal)

# %%
print("piece      grams   kcal   plausible")
for piece in meal.pieces:
    low, high = piece.interval
    print(f"{piece.name:9} {piece.weight_g:5.0f} {piece.kcal:6.0f}   {low:.0f} to {high:.0f}")
true_kcal = kcal(plate.labels, plate.weights_g).sum()
print(f"\nestimated {meal.kcal:.0f} kcal, on the scales {true_kcal:.0f} kcal")

# %% [markdown]
# Between a mask and a number lie only a few lines of arithmetic. You have met all of them but the last one.
#
# ### Exercise: kilocalories of a plate
#
# Food tables state energy per 100 g. Add up a plate.
#
# <details><summary>Hint</summary>
#
# Labels run from 1 to 6, positions in `kcal_per_100g` from 0 to 5. `kcal_per_100g[labels - 1]` picks the right number for every piece at once.
#
# </details>


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
from course_utils.training.results import stored_results

MIN_SCORE = 0.5
tables = []
for scenes, split in ((heaped, "test_occluded"), (laid_out, "test_non_occluded")):
    _, stored = stored_results("slim", split)
    sure = {image: one.select(one.scores >= MIN_SCORE) for image, one in stored.items()}
    tables.append(budget.error_budget(scenes, estimate, sure))

# %%
import pandas as pd

table = pd.concat(tables)
plates = table.groupby(["source", "scenario", "image"], sort=False, as_index=False)
plates = plates[["kcal", "true_kcal"]].sum()
meals.true_against_estimated(plates, "end to end")

# %% [markdown]
# Two numbers sum such a cloud up. The thesis uses the **mean absolute error** (MAE), in kilocalories: how far off is a plate, on average? It says little
# without knowing how rich the plates are, so beside it stands the **mean absolute percentage error** (MAPE), the error of each plate as a share of what is on it.
#
# $$ \mathrm{MAPE} = \frac{1}{n} \sum_{i=1}^{n} \frac{|\hat{y}_i - y_i|}{y_i} $$
#
# ### Exercise: MAPE
#
# <details><summary>Hint</summary>
#
# `np.abs(estimated - true)` gives the error of every plate. Divide before you average.
#
# </details>


# %% exercise="mape"
def mape(estimated, true):
    """Mean absolute percentage error as a share: 0.1 is ten percent.

    estimated, true: (N,) kilocalories of plates; none of the true ones is 0.
    """
    # BEGIN SOLUTION
    shares = np.abs(np.asarray(estimated) - true) / true
    return shares.mean()
    # END SOLUTION


# %% check="mape"
check("mape", mape)

# %%
errors = budget.per_plate(table)
whole_chain = errors[errors["source"] == "end to end"]
for row in whole_chain.itertuples():
    print(f"{row.scenario:13} {row.plates} plates: MAE {row.mae_kcal:.0f} kcal, MAPE {row.mape:.0%}")

# %% [markdown]
# The same error can be asked of single pieces, food by food. Which foods will be hard?

# %%
by_food = budget.by_food(table).set_index(["source", "food"])
for name in CLASSES:
    food = by_food.loc["end to end", name]
    print(f"{name:8} MAPE {food['mape']:.0%} of {food['pieces']:.0f} pieces")

# %% [markdown]
# Tempe, because no outline tells how thick it is, and tahu: one line has to serve blocks and flat triangles. It was the food that four features would have helped (lesson 17).
#
# ### Exercise: one number for all foods
#
# Somebody gives you such a table, and no more. What is the MAPE over all pieces? (A food of two pieces must not weigh as much as one of ninety.)
#
# <details><summary>Hint</summary>
#
# A mean times the number of its terms is their sum.
#
# </details>


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
#
# <details><summary>Hint</summary>
#
# All lengths become `entered_cm / true_cm` times as long. What happens to the area of a square whose side becomes twice as long?
#
# </details>


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
meals.wrong_diameter()

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
# A single number sounds surer than it is. An honest answer is an interval, and the weighing set of lesson 17 tells how wide it must be: for every piece that was
# weighed we know the ratio of its true weight to what the regression said without having seen it.
#
# So let the computer play: for each piece on the plate draw one of those ratios at random, many times over, and one more factor for the whole photo, for what its pieces have in common (tilt and scale: 3 %, chosen so that the
# interval holds on 90 % of the *training* plates). Each draw is a possible world. Add up the plate in each of them, and cut off the five percent at either end.
#
# ### Exercise: the interval of a plate
#
# <details><summary>Hint</summary>
#
# `draws` has a row for each piece and a column for each world. `draws.sum(axis=0)` is the plate in each world; `np.quantile` cuts.
#
# </details>


# %% exercise="plate-interval"
def plate_interval(draws):
    """The interval that holds a plate's kilocalories in 90 % of all worlds.

    draws: (N, D), kilocalories of N pieces in D worlds. Returns its two ends.
    """
    # BEGIN SOLUTION
    plate_in_each_world = draws.sum(axis=0)
    return np.quantile(plate_in_each_world, 0.05), np.quantile(plate_in_each_world, 0.95)
    # END SOLUTION


# %% check="plate-interval"
check("plate-interval", plate_interval)

# %% [markdown]
# "Nine times out of ten" is a claim, and the test plates can check it: on how many of them does the interval hold the truth? Here with true outlines, so
# that only the weights are on trial. If the claim is honest, what share of the dots is orange?

# %%
some = [*laid_out, *heaped]
with_truth = [estimate.estimate(one.labels, one.masks, one.px_per_cm) for one in some]
true_sums = np.array([kcal(one.labels, one.weights_g).sum() for one in some])
meals.intervals(with_truth, true_sums)

# %% [markdown]
# About one in ten, as claimed. (Why does the band become narrower to the right? Keep your answer for the end of the lesson.) But do the dots lie in its *middle*?

# %%
middles = np.array([np.mean(one.interval) for one in with_truth])
print(f"the truth lies below the middle on {np.mean(true_sums < middles):.0%} of the plates\n")
for row in errors[errors["source"].isin(["true amodal masks", "predicted masks", "end to end"])].itertuples():
    print(f"{row.source:18} {row.scenario:13} bias {round(100 * row.bias):+d} %")
bias = by_food["bias"]["true amodal masks"]
print("\npieces with true outlines:", ", ".join(f"{name} {round(100 * bias[name]):+d} %" for name in CLASSES))

# %% [markdown]
# They lie low. With true outlines we say a few percent too much, with predicted ones too; in heaps, end to end, pieces that were missed hide it. A mean error near 0 may be two errors that cancel. The last line says where it comes from: each food has *one* line, fitted to twelve weighed pieces, and where that
# line is off it is off for all pieces of the food alike. Tahu's is the worst.
#
# What the interval does *not* know: that a food's line is off, for it draws the error of each piece anew; that a piece was missed, that a bakwan was taken for a serabi, that the plate was measured wrongly, that your
# tempe is fried in more oil than the table's. An interval speaks about the errors that somebody thought of.
#
# ## Your own photo
#
# Photograph a plate from straight above, all of its rim in the picture, in even light, and measure its diameter. Set the slider to the share of the photo's width that the plate takes. Then:

# %% uncompared="a widget has another id each time"
from course_utils.plots.own_photo import own_photo_widget

own_photo_widget(model, estimate)

# %% [markdown]
# Two warnings. The model has seen rendered plates only, never a real one; on yours it may find little, or nonsense. And it knows six foods: whatever else lies there is
# either overlooked or taken for one of them.
#
# ## Kesimpulan: conclusions
#
# The thesis drew two: even the best backbone makes some segmentation errors, and more features need not lower the error of the weight. You have now checked both
# yourself (lessons 16 and 17), and can add a third from the budget above: how much of the error of a plate comes from outlines, names, missed pieces and weights. (That ResNeXt-101 does best, as the thesis found, is not among them: the test
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
# kilocalories. "Let's see how it works."
#
# ## What you now know
#
# - A chain of models is judged at its end, and mended by its budget.
# - MAE says how far off in kilocalories, MAPE as a share of the plate; neither lets the errors of different plates cancel.
# - What should be mended first depends on the question: outlines for F1 at 0.85, missed pieces for kilocalories.
# - Visible masks lose hidden food, whatever the network.
# - The scale counts twice. Measure the plate.
# - An interval is a claim that can be checked.
#
# ## Test yourself
#
# 1. A system has a MAPE of 12 % end to end and of 11 % with true masks and classes. Where would you put your time?
# 2. Why is the interval of a plate narrower, relative to its kilocalories, than that of each of its pieces?
# 3. Your friend's photos give estimates that are all 20 % too high. Name a cause that a better network would not mend.
#
# <details><summary>Answers</summary>
#
# 1. Into the weights: better features, more weighed pieces, perhaps the height of the pieces. The network is nearly done.
# 2. Part of a piece's error is its own, such as its thickness; these parts cancel when pieces are added. (What pieces have in common does not: the scale of the photo, or the line of their food.)
# 3. The plate is about 9 % smaller than your friend says (1.1 squared is 1.21).
#
# </details>
#
# ## Read more
#
# - N. Aditama, *Indonesian Street Food Calorie Estimation using Mask R-CNN and Multiple Linear Regression*, Master's thesis, Institut Teknologi Bandung, 2022.
# - A. Meyers et al., "Im2Calories: towards an automated mobile vision food diary", ICCV 2015.
# - B. Efron and R. Tibshirani, *An Introduction to the Bootstrap*, 1993: where such intervals come from.
#
# This was the last lesson. You have built Mask R-CNN and COCO's evaluator, checked each part against the real thing, and weighed a meal with them. Selamat makan!
