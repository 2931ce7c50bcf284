# %% [markdown]
# # 17 · From mask to weight
#
# A mask knows how large a piece looks. A kitchen scale knows how much it weighs. Between the two lies a straight line, and the
# question how far you may trust it.
#
# **You will be able to**
# - measure area, perimeter, length and width of a mask in centimetres, and say which obvious ways of doing it are wrong;
# - predict grams by linear regression, with one feature and with four, and turn them into kilocalories;
# - read R² and MAE, and know what each of them hides;
# - tell an honest test from a flattering one, and show that the difference can turn a conclusion around.
#
# **Time**: about 80 minutes · **Builds on**: lesson 01 (masks); linear regression by name is enough · **You build**: the second half
# of a calorie estimator.

# %% setup=true
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from course_utils.calories import features, nutrition, weight
from course_utils.dataset import CLASSES, load
from course_utils.exercises.lesson_17 import check
from course_utils.exercises.yours import yours
from course_utils.plots import weights as figures

weighing = load("weighing")

# %% [markdown]
# ## How much does a photo weigh?
#
# The deck calls this part *Pembangunan Dataset Multiple Linear Regression*, building the data set for multiple linear regression: every piece was weighed once and photographed ten times, each
# time in another position. Ours is built the same way: six foods, twelve pieces of each, ten photos of each piece.
#
# Below is one tempe, ten times. Its weight is the same on each photo, of course. Before you look: by how much, do you think, will the area of
# its mask differ from photo to photo?

# %%
tempe = [scene for scene in weighing if scene.instances[0].name == "tempe"]
first = tempe[0].instances[0].item_id
ten = [scene for scene in tempe if scene.instances[0].item_id == first]
figures.ten_photos(ten)

# %% [markdown]
# A few percent: when the piece lies nearer to the border of the picture the camera sees a bit of its side, and pixels are coarse. The mask is
# not the trouble. Keep that in mind; the trouble will come from elsewhere. (How many percent exactly, your own function will say in a moment.)

# %% [markdown]
# ## Area: count, then divide twice
#
# A mask is counted in pixels. How many of them make a centimetre, `px_per_cm`, depends on camera and distance. Here it is known from the height of the
# camera; on a photo of your own the plate will tell (lesson 18).
#
# A photo has 10 pixels per cm. How many pixels has a square centimetre? Say it aloud, then write the function.
#
# ### Exercise: area in cm²


# %% exercise="area-in-cm2"
def area_in_cm2(mask, px_per_cm):
    """Area of a mask (H, W) of bool in square centimetres."""
    # BEGIN SOLUTION
    one_square_centimetre = px_per_cm * px_per_cm
    return np.count_nonzero(mask) / one_square_centimetre
    # END SOLUTION


# %% check="area-in-cm2"
check("area-in-cm2", area_in_cm2)

# %% [markdown]
# Counting pixels is right on average: a pixel counts when its middle lies in the piece, and along a border that happens to half of them. Here are the ten photos once more, by your function.

# %%
area = yours("area-in-cm2", area_in_cm2)
areas = np.array([area(scene.instances[0].mask, scene.px_per_cm) for scene in ten])
print("cm²:", ", ".join(f"{one:.1f}" for one in areas))
print(f"from the smallest to the largest {areas.max() / areas.min() - 1:.0%}, one standard deviation {areas.std() / areas.mean():.1%}")

# %% [markdown]
# And what if the scale is off by 5 %, because somebody measured a plate of 20 cm as 21? The area is off by 10 %, more than all ten positions together. Lesson 18 comes back to that.

# %% [markdown]
# ## Perimeter: do not walk along the pixels
#
# How long is the border? The obvious answer is to count the pixel sides between inside and outside. Here is a small disc, drawn in pixels. Its true
# perimeter is 2π times its radius. How much longer, do you guess, is the walk along the pixels?

# %%
figures.three_borders()

# %% [markdown]
# You might hope that more pixels make it better. Before you run the next cell: will the error shrink when the disc becomes ten times as large?

# %%
print("radius    along pixels   blurred outline")
for radius in (6.5, 20.5, 60.5):
    disc, truth = figures.disc(radius), 2 * np.pi * radius
    walked = figures.staircase(disc) / truth - 1
    drawn = features.line_length(features.outline(disc)) / truth - 1
    print(f"{radius:4.1f} px {walked:11.0%} {drawn:15.1%}")

# %% [markdown]
# The walk stays at 4/π of the truth, more than a quarter too long, however fine the pixels are: it goes right and down where the border goes straight. No
# resolution heals a wrong measure. Our `features.outline` blurs the mask by one pixel and draws the line where it passes one half; then the steps are gone.
# (The tests of the course check it on discs, ellipses and rectangles at many angles.)

# %% [markdown]
# ## Length and width: turn the ruler, not the piece
#
# You would measure this tempe along its long side. Three ways to tell a computer to do so; which one do you trust?


# %%
def how_skew(scene):
    """How much larger the upright box is than the piece."""
    x1, y1, x2, y2 = scene.instances[0].box
    return (x2 - x1) * (y2 - y1) / scene.instances[0].mask.sum()


figures.three_lengths(max(ten, key=how_skew))

# %% [markdown]
# The upright box answers "how much room on the photo?", which changes when you turn the piece. The farthest two points find the diagonal. What we want is the
# **smallest rectangle around the piece, turned as it likes**: its sides are length and width.
#
# ### Exercise: length and width
#
# You get points along the outline. For each whole degree from 0 to 89, lay a rectangle of that direction around the points, and keep the one of
# least area.


# %% exercise="turned-sides"
def turned_sides(points):
    """Sides of the smallest turned rectangle around points (P, 2).

    Tries 0, 1, ..., 89 degrees. Returns (length, width), the longer one first.
    """
    # BEGIN SOLUTION
    best = (np.inf, np.inf)
    for angle in np.deg2rad(np.arange(90)):
        along = np.ptp(points @ [np.cos(angle), np.sin(angle)])
        across = np.ptp(points @ [-np.sin(angle), np.cos(angle)])
        if along * across < best[0] * best[1]:
            best = (along, across)
    return max(best), min(best)
    # END SOLUTION


# %% check="turned-sides"
check("turned-sides", turned_sides)

# %% [markdown]
# (OpenCV's `cv2.minAreaRect` answers the same question, for any angle and not just whole degrees; in the thesis's own code it is what gives length and width.)
#
# Put your functions to work: all four features of three pieces, outlined with `features.outline`.

# %%
sides = yours("turned-sides", turned_sides)
for scene in (weighing[0], weighing[250], weighing[500]):
    piece, scale = scene.instances[0], scene.px_per_cm
    line = features.outline(piece.mask)
    length, width = sides(line)
    print(f"{piece.name:7} {area(piece.mask, scale):5.1f} cm²  around {features.line_length(line) / scale:5.1f} cm  "
          f"{length / scale:4.1f} x {width / scale:3.1f} cm  {piece.weight_g:4.1f} g")

# %% [markdown]
# For all 720 photos `features.measure` does the same, with stray specks left out and holes filled first.

# %% [markdown]
# ## One feature: a line through the cloud
#
# Now for all 720 photos. Before you run the cell: for which food will area say least about weight? Think of what you can *not* see from above.

# %%
table = weight.weighings()
figures.area_against_weight(table)

# %% [markdown]
# Each cloud falls into short streaks, one for each piece: ten photos, one weight. The line is
#
# $$\text{weight} = a + b \cdot \text{area},$$
#
# with $a$ and $b$ such that the squared vertical distances are least (*ordinary least squares*, Legendre 1805). Each food has its own line, for each has its own
# thickness and density.
#
# Tempe is the worst: slices are cut thick or thin, and a photo from above does not show it.
#
# And tahu looks as if two clouds had been thrown into one. It comes as a block or as a triangle, half a block. A triangle fills far less of its turned rectangle, so area, length and width *together* tell which it is, and area alone does not. Take a block and a triangle of the same area: which is heavier?

# %%
figures.two_shapes_of_tahu(table)

# %% [markdown]
# The block, by some 3 g on average: it is higher. One line between them is wrong for both, too light for most blocks and too heavy for most triangles.

# %% [markdown]
# ## How wrong is it? MAE
#
# The most honest number is the one with a unit. The **mean absolute error** is the average of |predicted − true|. The thesis reports it in
# kilocalories, so the food table comes in. It says energy **per 100 g**.
#
# ### Exercise: MAE in kcal
#
# You get the true and the predicted grams of some pieces, and what the food table says of each one's food. By how many kilocalories is a piece wrong on average?


# %% exercise="mae-kcal"
def mae_kcal(true_g, predicted_g, kcal_per_100g):
    """Mean absolute error of N pieces in kilocalories, from three arrays (N,)."""
    # BEGIN SOLUTION
    total = 0.0
    for true, predicted, energy in zip(true_g, predicted_g, kcal_per_100g):
        total += abs(true - predicted) * energy / 100
    return total / len(true_g)
    # END SOLUTION


# %% check="mae-kcal"
check("mae-kcal", mae_kcal)

# %% [markdown]
# Take the simplest model there is: say the mean weight of its food, whatever the photo shows. By how much would it be off?

# %%
energy, in_kcal = nutrition.energies(), yours("mae-kcal", mae_kcal)
mean_of_food = np.array([table.of_class(label).weights_g.mean() for label in table.labels])
print(f"always the mean of the food: {in_kcal(table.weights_g, mean_of_food, 100 * energy[table.labels]):.1f} kcal a piece")

# %% [markdown]
# ## How much of it is skill? R²
#
# Is an error of 2 g good? For pieces between 19 and 21 g it is worthless: saying "20 g" each time does better. **R squared** compares with just that, the
# one who always says the mean:
#
# $$R^2 = 1 - \frac{\sum_i (y_i - \hat y_i)^2}{\sum_i (y_i - \bar y)^2}.$$
#
# It is 1 for perfect predictions and 0 for the one who always says the mean. Can it be negative? Decide before you write the function.
#
# ### Exercise: R²
#
# Write it from the formula, for any true and predicted values.


# %% exercise="r-squared"
def r_squared(true, predicted):
    """R² of predictions (N,) for true values (N,)."""
    # BEGIN SOLUTION
    mine = ((true - predicted) ** 2).mean()
    of_the_mean = true.var()
    return 1 - mine / of_the_mean
    # END SOLUTION


# %% check="r-squared"
check("r-squared", r_squared)

# %% [markdown]
# Yes, it can: whoever is farther off than the mean has less than 0. Three ways to be wrong on the twelve bakwan. Which of them would a *correlation* with the truth find fault with?

# %%
r2 = yours("r-squared", r_squared)
bakwan = table.of_class(CLASSES.index("bakwan") + 1).weights_g[::10]
upside_down = bakwan.max() + bakwan.min() - bakwan
for words, said in {"5 g too much": bakwan + 5, "half": bakwan / 2, "upside down": upside_down}.items():
    print(f"{words:13} R² {r2(bakwan, said):6.2f}   squared correlation {np.corrcoef(bakwan, said)[0, 1] ** 2:.2f}")

# %% [markdown]
# With none: squared, it is 1 for all three. Where you read R² in a paper, find out which of the two was computed.

# %% [markdown]
# A low R² with one feature, reported by Abdelhady et al. (2019), who weighed sheep on photos, is the second of the two problems that the thesis set out to
# solve. Its remedy: **multiple linear regression**, more features than one. We have four. Let us see.

# %% [markdown]
# ## Four features: an exam with known questions
#
# First the way one should not do it: fit to all photos, and predict the same photos. Can R² with four features be lower than with one, here? Think about what
# least squares could always do with a feature it does not need.


# %%
def on_known_photos(names):
    """Predictions for the very photos that the lines were fitted to."""
    predicted = np.empty(len(table.labels))
    for label in range(1, 7):
        one = table.of_class(label)
        model = LinearRegression().fit(one.columns(names), one.weights_g)
        predicted[table.labels == label] = model.predict(one.columns(names))
    return weight.CrossValidation(table.labels, table.weights_g, predicted)


known = [on_known_photos(names) for names in (weight.ONE, weight.FOUR)]
print("R²        one feature   four features")
for label, name in enumerate(CLASSES, 1):
    mine = table.labels == label
    print(f"{name:8} " + " ".join(f"{r2(one.true_g[mine], one.predicted_g[mine]):12.2f}" for one in known))

# %% [markdown]
# Four features are never worse, for every food. They cannot be: with a coefficient of zero any unneeded feature can be switched off. So this
# table proves nothing. We need pieces that the model has not seen.

# %% [markdown]
# ## What is a new example?
#
# "Cross-validation!" you say: leave out a twelfth of the photos, fit to the rest, predict, and take turns. But look at the errors of one food first, photo by
# photo, sorted into pieces.

# %%
unseen = weight.cross_validate(table)  # leaves out one *piece* at a time
figures.residuals_by_piece(table, unseen, CLASSES.index("tempe") + 1)

# %% [markdown]
# The ten photos of a piece share one error, for they share one thickness. If nine of them are in the training set, the tenth is no new example. A
# model with enough freedom recognises the piece by its size and shape, and looks up its weight.
#
# So whole **pieces** must be left out, never single photos. It is one of the most common mistakes in applied machine learning; its name is *leakage*.
#
# ### Exercise: leave one piece out
#
# Predict the weight on every photo by a straight line through the photos of all *other* pieces. Pieces come with numbers, in any order and not without gaps.


# %% exercise="leave-piece-out"
def leave_piece_out(areas, weights, pieces):
    """Predict each photo by a line fitted to the photos of all *other* pieces.

    areas, weights: (P,); pieces: (P,), the number of the piece on each photo.
    Returns (P,) predicted weights.
    """
    # BEGIN SOLUTION
    predicted = np.zeros(len(areas))
    for piece in set(pieces.tolist()):
        test = pieces == piece
        line = np.polyfit(areas[~test], weights[~test], 1)
        predicted[test] = np.polyval(line, areas[test])
    return predicted
    # END SOLUTION


# %% check="leave-piece-out"
check("leave-piece-out", leave_piece_out)

# %%
leave_out = yours("leave-piece-out", leave_piece_out)


def by_your_line(one):
    """Predicted grams of unseen pieces of one food."""
    numbers = np.unique(one.items, return_inverse=True)[1]
    return leave_out(one.columns(weight.ONE)[:, 0], one.weights_g, numbers)


predicted = np.empty(len(table.labels))
for label in range(1, 7):
    predicted[table.labels == label] = by_your_line(table.of_class(label))
off = np.abs(predicted - unseen.predicted_g).max()
print(f"your lines: {in_kcal(table.weights_g, predicted, 100 * energy[table.labels]):.2f} kcal a piece off; "
      f"from the course's at most {off:.3f} g")

# %% [markdown]
# ## The same question, three exams
#
# Now ask "do four features help?" three times: on known photos, on left-out photos, and on left-out pieces. Write your three
# guesses down before you run the cell.

# %%
def error_kcal(result):
    return in_kcal(result.true_g, result.predicted_g, 100 * energy[result.labels])


def both(**how):
    return tuple(error_kcal(weight.cross_validate(table, names, **how))
                 for names in (weight.ONE, weight.FOUR))


figures.three_exams({
    "known photos": tuple(error_kcal(result) for result in known),
    "unknown photos,\nknown pieces": both(whole_pieces=False),
    "unknown pieces": both(),
})

# %% [markdown]
# The answer turns around. The first two exams say that four features are better. The honest one puts the single feature ahead. A paper that had split by photo would
# have reported a success.
#
# And now read the deck's conclusion again: *lebih banyak fitur belum tentu dapat menurunkan error pengukuran*, more features need not lower the error. On our pieces,
# tested honestly, it holds. Food by food:

# %%
four = weight.cross_validate(table, weight.FOUR)
print("             R²             MAE, g         MAE, kcal")
print("         one    four     one   four      one   four")
for label, name in enumerate(CLASSES, 1):
    a, b = unseen.mae_g(label), four.mae_g(label)
    print(f"{name:8}{unseen.r2(label):5.2f} {four.r2(label):7.2f} {a:7.1f} {b:6.1f}"
          f"{a * energy[label]:9.1f} {b * energy[label]:6.1f}")

# %% [markdown]
# (And there is a negative R²: for tempe, four features predict worse than always saying the mean weight of all twelve. That mean has peeked at the twelfth piece, though. The mean of the
# other eleven would score $1 - (12/11)^2$, about -0.19.)
#
# A difference between two means needs an interval, as in lesson 16. Draw pieces, not photos: photos of one piece are no new evidence. Before you run the cell: will the interval lie on one side of 0?

# %%
def of_each_piece(result):
    """Mean error of each piece, kcal."""
    off = np.abs(result.residuals_g) * energy[result.labels]
    return np.array([off[table.items == item].mean() for item in np.unique(table.items)])


def with_interval(worse):
    """Mean difference of a piece, and the interval in which it lies in 95 % of the draws."""
    draws = np.random.default_rng(16).choice(worse, (4000, len(worse))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{worse.mean():+.1f} kcal a piece, 95 % interval {low:+.1f} to {high:+.1f}"


items = np.unique(table.items)
food = np.array([item.split("-")[-1] for item in items])
worse = of_each_piece(four) - of_each_piece(unseen)
print("four features cost", with_interval(worse))
print("of it:", ", ".join(f"{name} {worse[food == name].sum() / len(worse):+.1f}" for name in CLASSES))

# %%
bakwan = np.sort([table.weights_g[table.items == item][0] for item in items[food == "bakwan"]])
print("bakwan, grams:", ", ".join(f"{grams:.1f}" for grams in bakwan))
for k in np.argsort(np.where(food == "bakwan", worse, -np.inf))[-2:]:
    grams = table.weights_g[table.items == items[k]][0]
    print(f"worst hit: the bakwan of {grams:.1f} g, {worse[k]:+.0f} kcal")

# %% [markdown]
# It begins at 0, to the decimal that is worth printing: a borderline case. What is safe to say is the deck's own sentence: more features *need not* lower the error. And most of the difference comes from one food, and there from two
# pieces at the ends of its range, the lightest and one of the heaviest. Left out, they must be *extra*polated; that is where an unsteady fit goes astray, as we shall see.
#
# It does not hold for every food. Tahu gains a lot, and you have seen why: blocks and triangles lie mostly on two sides of the line, and length and width together with area tell them apart. Here
# the outline *does* say something about the height. A feature helps when it says something new.

# %% [markdown]
# ## Why: four features, one message
#
# For most foods the four say nearly the same: a larger piece has more of each. The **variance inflation factor** (Marquardt 1970) measures how much of
# a feature the others already know. Predict it from the others, take that R², and
#
# $$\text{VIF} = \frac{1}{1 - R^2}.$$
#
# A VIF of 1 is a feature with news of its own; from about 10 on its coefficient is hardly determined.


# %%
def vif(columns, k):
    others = np.delete(columns, k, axis=1)
    explained = LinearRegression().fit(others, columns[:, k]).predict(others)
    return 1 / (1 - r2_score(columns[:, k], explained))


print("VIF      " + " ".join(f"{name:>10}" for name in figures.SHORT))
for label, name in enumerate(CLASSES, 1):
    columns = table.of_class(label).features
    print(f"{name:9}" + " ".join(f"{vif(columns, k):10.0f}" for k in range(4)))

# %% [markdown]
# Four foods are far beyond 10 in every feature; of tahu and tempe, length and width are near it. (Tahu, the food that gains, has high ones, too. A VIF says how shaky the coefficients are, not whether a feature has news that is worth the shaking.) What does "hardly determined" look like?
# Serabi has the highest: no wonder, for a disc has one size, and the four features are four ways to say it. Beside it tahu, with its two shapes. Which pairs will be the least alike there?

# %%
figures.four_features(table, [CLASSES.index(name) + 1 for name in ("serabi", "tahu")])

# %% [markdown]
# Fit it twelve times, each time without one piece, and watch the coefficients.

# %%
serabi = table.of_class(CLASSES.index("serabi") + 1)
coefficients = []
for item in np.unique(serabi.items):
    kept = serabi.items != item
    line = weight.fit(serabi.features[kept], serabi.weights_g[kept], serabi.items[kept])
    coefficients.append(line[-1].coef_)
figures.twin_features(table, CLASSES.index("serabi") + 1, np.array(coefficients))

# %% [markdown]
# One piece more or less decides whether a larger area makes a serabi heavier or *lighter*. The four coefficients are large and fight each other; together they fit the pieces
# they know, and they stumble over the next one. There are 120 photos but only twelve pieces, and five numbers to learn from them.
#
# ### A leash for the coefficients
#
# **Ridge regression** (Hoerl and Kennard 1970) adds a price for large coefficients. Will it save the four features? Guess, then look (this cell takes a few seconds: the price itself
# is chosen on left-out pieces, too).

# %%
ridge = weight.cross_validate(table, weight.FOUR, regularised=True)
results = {"one feature": unseen, "four features": four, "four, ridge": ridge}
for words, result in results.items():
    print(f"{words:14} {error_kcal(result):5.2f} kcal a piece")
print("four, ridge, less one:", with_interval(of_each_piece(ridge) - of_each_piece(unseen)))

# %% [markdown]
# It takes much of the harm away. What is left of the difference cannot be told from 0 on 72 pieces. Of two that are equally good take the simpler one; so our estimator has one line a food, with area alone.
#
# Four features for tahu and one for all others, since tahu gains? Tempting. But then tahu's exam would have chosen the method *and* praised it: whoever picks the best of several results keeps a piece of luck with it. To choose honestly, the choice must be made anew in every fold,
# from the other pieces alone (*nested* cross-validation), as the price of ridge was. We leave it at one rule for all. Remember tahu in lesson 18.

# %% [markdown]
# ## What it is worth
#
# All unseen pieces in one picture, in kilocalories:

# %%
figures.predicted_against_true(unseen, energy)

# %% [markdown]
# How good could it possibly get? The thickness of a piece varies by a tenth or more and cannot be seen from above; neither regression nor camera will tell it. On a
# plate of several pieces it becomes better: one is thicker, another thinner, and part of the errors cancel (*there* signs may cancel: we want the sum).
#
# One thing the line cannot forgive: it believes the area. Give it the *visible* part of a piece that lies underneath and it weighs the visible part. In this heap:

# %%
model = weight.WeightModel(table)
heap = max(load("val")[:50], key=lambda scene: scene.occlusion_rates.mean())
kinds = {"whole masks": heap.masks, "visible masks": heap.visible_masks}
print(f"truth          {nutrition.kcal(heap.labels, heap.weights_g).sum():5.0f} kcal")
for words, masks in kinds.items():
    shapes = features.measure_all(masks, heap.px_per_cm)
    grams = [model.predict(label, shape[None])[0]
             for label, shape in zip(heap.labels, shapes)]
    print(f"{words:14} {nutrition.kcal(heap.labels, grams).sum():5.0f} kcal")

# %% [markdown]
# This is why the case study needs amodal masks. Your `area_in_cm2` and `leave_piece_out` go with you: lesson 18 weighs a photo of your own with them, puts both halves together, and says how much each step costs.

# %% [markdown]
# ## What you now know
#
# - Area divides by the scale squared; a border is measured on a smooth outline, length and width on a turned rectangle.
# - MAE has a unit and no sign; R² compares with always saying the mean and may be negative.
# - Ten photos of a piece are one example. Leave out whole pieces, or the test flatters.
# - Four features that say the same thing make an unstable model: more features need not lower the error.
#
# ## Test yourself
#
# 1. You photograph the same plate from twice as far away. What happens to `px_per_cm`, to the mask's pixels, to the area in cm²?
# 2. A colleague weighs 30 sheep, takes 40 photos of each, splits the photos at random and reports R² = 0.98. What do you ask?
# 3. Which fifth feature would help with tempe?
#
# <details><summary>Answers</summary>
#
# 1. The scale halves, the pixels fall to a quarter, and the area in cm² stays what it is.
# 2. How it is on sheep that the model has never seen. 1200 photos of 30 sheep are 30 examples.
# 3. Anything that tells the thickness: a photo from the side, a depth camera, a shadow. A fifth measure of the same outline would not.
#
# </details>
#
# ## Read more
#
# - A. S. Abdelhady et al., "Automatic Sheep Weight Estimation Based on K-Means Clustering and Multiple Linear Regression", AISI 2018, 2019.
# - S. Kapoor and A. Narayanan, "Leakage and the Reproducibility Crisis in Machine-Learning-Based Science", Patterns 4(9), 2023.
# - D. W. Marquardt, "Generalized Inverses, Ridge Regression, Biased Linear Estimation, and Nonlinear Estimation", Technometrics 12(3), 1970.
# - H. Freeman and R. Shapira, "Determining the Minimum-Area Encasing Rectangle for an Arbitrary Closed Curve", Communications of the ACM 18(7), 1975.
#
# **Next**: [18 · From a photo to kilocalories](18_calories_end_to_end.ipynb)
