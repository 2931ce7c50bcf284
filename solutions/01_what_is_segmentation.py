# %% [markdown]
# # 01 · What is segmentation?
#
# You look at a plate of fried snacks and know at once what lies where. A computer gets a table of numbers. This lesson is
# about the way from the one to the other, and about the first, honest attempt that fails.
#
# **You will be able to**
# - say what segmentation is, and what it tells you that detection does not;
# - read a mask as what it is, an array of yes and no, and measure, box and cut out a piece with it;
# - separate a picture with Otsu's threshold, and say exactly where and why that fails;
# - explain why a high share of right pixels can mean nothing.
#
# **Time**: about 60 minutes · **Builds on**: Python and a little NumPy · **You build**: five small functions: an area, a
# box, scissors, a threshold, a score.

# %% setup=true
import numpy as np
from skimage import color, measure

from course_utils.dataset import load
from course_utils.exercises.lesson_01 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.threshold import threshold as move_threshold
from course_utils.plots import first_look

plates = load("val")  # 100 plates of the course's data set: photos, and for each piece of food where it lies

# %% [markdown]
# ## What is on this plate?
#
# The plates of this course hold six street foods of Indonesia: *bakwan*, vegetable fritters; *bolu* (bolu kukus), small steamed sponge cakes; *cireng*, fried
# cakes of tapioca; *serabi*, pancakes of rice flour; *tahu*, fried tofu; and *tempe*, fried slices of fermented soybeans. You will see each of them close up below.
#
# The next cell shows one plate twice: on the left the photo, on the right a small square of it as the computer has it. Every pixel is three numbers from 0 to 255, for red,
# green and blue; only the red ones are written out.
#
# Before you run it: which shape will the array of a photo of 320 by 320 pixels have?

# %%
plate = next(scene for scene in plates if scene.scenario == "occluded" and len(scene.instances) >= 4)
photo = plate.image
print(f"{type(photo).__name__} of shape {photo.shape} and type {photo.dtype}")
front = min(plate.instances, key=lambda piece: piece.depth_order)
x1, y1, x2, y2 = front.box.astype(int)
first_look.plate_and_pixels(plate, top=y1, left=(x1 + x2) // 2)

# %% [markdown]
# How many pieces lie there? You counted them without thinking. Nothing in the numbers on the right says so.
#
# Height first, then width, then colour: `photo[row, column]` is one pixel. The row is what mathematics calls *y* and it counts
# from the top; the column is *x*. Most beginners' bugs in this field are these two changing places, so keep an eye on them.

# %% [markdown]
# ## Detection marks boxes, segmentation marks pixels
#
# This course follows a set of Indonesian lecture slides, which its lessons call *the deck*. *Apa itu segmentasi?* (what is segmentation?) it asks, and answers with Birchfield
# (2016): segmentation decides **which pixels of an image are the projection of the same object** in the scene. Light leaves a piece of tofu, passes the lens, and falls on certain pixels
# of the sensor. Find those pixels, all of them and no others. (The photos of this course are rendered by a program that follows the light in just this way. That is why their masks are
# exact; lesson 14 tells how.)
#
# That sounds like *object detection*, which also says what is where. The difference is how the answer is written down:
# detection draws a **bounding box**, segmentation answers for **every pixel**.
#
# Before you run the next cell: how much of a box around a piece of food, do you think, is not that piece?


# %%
def share_outside(piece):
    width, height = piece.visible_box[2:] - piece.visible_box[:2]
    return 1 - piece.visible_mask.sum() / (width * height)


loosest = max(range(len(plate.instances)), key=lambda k: share_outside(plate.instances[k]))
first_look.box_against_mask(plate, loosest)

# %% [markdown]
# If you want to know *whether* there is a piece, the box will do. If you want to know how much food there is, the box counts
# plate and neighbours as food. Calories need pixels.

# %% [markdown]
# ## A mask is an array of yes and no
#
# The answer of segmentation for one object is a **mask**: an array as high and wide as the photo, `True` where a pixel belongs
# to the object, `False` elsewhere. Nothing more.

# %%
mask = front.mask
print(f"shape {mask.shape}, type {mask.dtype}, {mask.sum()} of {mask.size} pixels are True")
first_look.mask_as_array(mask, front.name)

# %% [markdown]
# ### Exercise: how large is it?
#
# The most important number of a mask is how many pixels it has, its **area**. Write the function.


# %% exercise="mask-area"
def mask_area(mask):
    """Number of pixels of a mask (H, W) of bool, as a whole number."""
    # BEGIN SOLUTION
    return int(np.count_nonzero(mask))
    # END SOLUTION


# %% check="mask-area"
check("mask-area", mask_area)

# %% [markdown]
# What good is a number of pixels? Hold the camera twice as far away and it falls to a quarter. But our photos carry a scale, pixels
# per centimetre, and *squared* it turns pixels into square centimetres. (Why squared? A square centimetre is that many pixels wide **and** that many high.)
#
# From here on your code runs the course: the cell below counts with your function. Where an answer is missing or not right yet, the course's own takes
# its place, and a small line says so.
#
# The masks below are *whole*: each goes on under whatever lies on top of its piece. (What can be seen of it is `piece.visible_mask`; lesson 02 needs both.)

# %%
area = yours("mask-area", mask_area)
for piece in plate.instances:
    pixels = area(piece.mask)
    square_cm = pixels / plate.px_per_cm**2
    print(f"{piece.name:8} {pixels:5d} pixels  {square_cm:5.1f} cm²  {piece.weight_g:5.1f} g")

# %% [markdown]
# Does the larger piece always weigh more? Look for a pair in the table that says no.
#
# <details><summary>Answer</summary>
#
# Compare pieces of different foods: a flat one covers more of the plate than a thick one of the same weight. Area alone does not make a weight; what else a mask knows about it is
# the question of lesson 17.
#
# </details>

#
# ### Exercise: from mask to box
#
# Every mask has a box, the smallest that holds all its pixels; from a box no way leads back to the mask. In this course a box is
# `x1, y1, x2, y2`, *half-open*: `x1` is the first column inside, `x2` the first column **after** the piece, so that `x2 - x1` is
# the width. It is how Python slices count, too.


# %% exercise="mask-to-box"
def mask_to_box(mask):
    """Smallest box around a mask (H, W) of bool, which has at least one pixel.

    Returns an array of four numbers x1, y1, x2, y2. A mask whose only pixel is
    row 2, column 5 has the box 5, 2, 6, 3.
    """
    # BEGIN SOLUTION
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    # END SOLUTION


# %% check="mask-to-box"
check("mask-to-box", mask_to_box)

# %% [markdown]
# ## What a mask lets you do
#
# With a box you can crop. With a mask you can *cut out*: keep a piece, and nothing of what lies around it.
#
# ### Exercise: scissors
#
# Write a function that gives a *new* photo of the same size: inside the mask as it was, outside of it white, which is 255 in all three colours. The photo that you are given must stay
# as it is.


# %% exercise="cut-out"
def cut_out(image, mask):
    """A new image (H, W, 3) of uint8: the one given where the mask (H, W) is True, white (255) elsewhere."""
    # BEGIN SOLUTION
    result = image.copy()
    result[~mask] = 255
    return result
    # END SOLUTION


# %% check="cut-out"
check("cut-out", cut_out)

# %% [markdown]
# One of each of the six foods of this course, cut out of its photo with your box and your scissors. These are the six that the case study will have to tell apart.

# %%
find_box = yours("mask-to-box", mask_to_box)
scissors = yours("cut-out", cut_out)
best = {}
for scene in plates:
    for piece in scene.instances:
        if piece.occlusion_rate == 0 and area(piece.mask) > best.get(piece.name, (0,))[0]:
            best[piece.name] = (area(piece.mask), scene, piece)
names = sorted(best)
cuts = []
for _, scene, piece in (best[name] for name in names):
    x1, y1, x2, y2 = find_box(piece.mask).astype(int)
    cuts.append(scissors(scene.image, piece.mask)[y1:y2, x1:x2])
first_look.cut_outs(cuts, names)

# %% [markdown]
# ## Can one number find the food?
#
# So far somebody gave us the masks. Can we find one ourselves? The oldest idea is as simple as can be: forget colour, choose one
# grey value, and call everything on one side of it food. This is **thresholding**. The value is chosen from the **histogram**: for each grey value, from black at the left
# to white at the right, how many pixels have it. Two kinds of surface often make two hills, and the threshold belongs between them.
#
# The next cell cuts at 128, the middle of all greys. Before you run it: which side will the food of a white plate be on, the white or the black?


# %%
def to_gray(image):
    return np.round(color.rgb2gray(image) * 255).astype(np.uint8)


plate_light = [np.median(to_gray(scene.image)[scene.plate_mask]) for scene in plates[:50]]
by_light = np.argsort(plate_light, kind="stable")
bright = plates[int(by_light[-1])]
first_look.threshold_at_work(to_gray(bright.image), 128)

# %% [markdown]
# The plate is brighter than the food, so here the food is what stays *black*. Move the threshold yourself.

# %%
move_threshold(to_gray(bright.image))

# %% [markdown]
# ### Let the histogram decide
#
# Otsu (1979) made the choice automatic. A threshold $t$ splits the pixels into two groups, $n_0$ of them dark with mean
# $\mu_0$, $n_1$ light with mean $\mu_1$. A good split makes the groups differ much, but a handful of extreme pixels must not be enough for that. So
# Otsu takes the $t$ with the largest
#
# $$ n_0 \, n_1 \, (\mu_0 - \mu_1)^2 . $$
#
# (Divided by the squared number of pixels it is the *between-class variance*; the best $t$ is the same.) The square asks for means far apart. The product $n_0 \, n_1$ is largest when
# both groups are of a size, and nearly 0 when one of them holds a handful of pixels: they cannot win, however extreme they are.
#
# ### Exercise: Otsu's threshold
#
# Write it. A loop over all 255 thresholds is fine.


# %% exercise="otsu"
def otsu(gray):
    """Otsu's threshold of a grey picture (H, W) of uint8 with at least two different values.

    Returns the t, 0 to 254, for which pixels <= t and pixels > t have the largest
    between-class variance; the first one if several are equally good.
    """
    # BEGIN SOLUTION
    best_value, best_t = -1.0, 0
    for t in range(255):
        dark, light = gray[gray <= t], gray[gray > t]
        if dark.size and light.size:
            value = dark.size * light.size * (dark.mean() - light.mean()) ** 2
            if value > best_value:
                best_value, best_t = value, t
    return best_t
    # END SOLUTION


# %% check="otsu"
check("otsu", otsu)

# %% [markdown]
# The line is the formula, for every threshold. Your function should find its peak.

# %%
move_threshold(to_gray(bright.image), otsu=True)

# %% [markdown]
# Now three plates: the brightest, one in the middle, and the darkest. On a white plate food is the darker part, so let us call
# everything up to Otsu's threshold food.
#
# Before you run the next cell: on which of the three will that work, and on which can it not?

# %%
threshold = yours("otsu", otsu)
chosen = [plates[int(by_light[k])] for k in (-1, len(by_light) // 2, 0)]
grays = [to_gray(scene.image) for scene in chosen]
found = [gray <= threshold(gray) for gray in grays]
truths = [scene.visible_masks.any(axis=0) for scene in chosen]
scores = [np.mean(mask == truth) for mask, truth in zip(found, truths)]
first_look.found_and_missed(chosen, found, scores)

# %% [markdown]
# One number knows nothing about food. It knows *dark* and *light*, and a dark table is as dark as a tempe. What it finds depends on
# the plate, the cloth and the lamp. To find food in any light one has to learn what food looks like: that is what networks are for, from lesson 03 on.

# %% [markdown]
# ## How wrong is it?
#
# Above each result stands a percentage: the share of pixels for which the answer is right, the **pixel accuracy**.
#
# ### Exercise: pixel accuracy
#
# Write it, for two masks of one size: the predicted one and the true one.


# %% exercise="pixel-accuracy"
def pixel_accuracy(predicted, truth):
    """Share of the pixels, 0 to 1, in which two masks (H, W) of bool agree."""
    # BEGIN SOLUTION
    right = np.count_nonzero(predicted == truth)
    return right / truth.size
    # END SOLUTION


# %% check="pixel-accuracy"
check("pixel-accuracy", pixel_accuracy)

# %% [markdown]
# Now a rival for Otsu: a program that always answers "there is no food here". Before you run the next cell: what will its pixel
# accuracy be, over twenty plates?

# %%
share_right = yours("pixel-accuracy", pixel_accuracy)
twenty = plates[::5]
food = [scene.visible_masks.any(axis=0) for scene in twenty]
nothing = np.mean([share_right(np.zeros_like(truth), truth) for truth in food])
grays = [to_gray(scene.image) for scene in twenty]
dark = [gray <= threshold(gray) for gray in grays]
with_otsu = np.mean([share_right(mask, truth) for mask, truth in zip(dark, food)])
print(f"always 'no food': {nothing:.0%} of all pixels right")
print(f"Otsu's threshold: {with_otsu:.0%} of all pixels right")

# %% [markdown]
# The program that finds nothing wins, because most of every photo is not food. A number that rewards doing nothing is no measure
# of finding. Lesson 11 replaces it by one that does not fall for this, *intersection over union*.

# %% [markdown]
# ## Even a perfect map of food is not enough
#
# Suppose some method told us, without any error, which pixels are food. How many pieces are there? Count the connected areas: pixels belong together when they
# share a side (`connectivity=1`). Before you run the next cell: will there be more areas than pieces, or fewer?

# %%
print("plate           pieces   connected areas of food")
for scene in [s for s in plates if s.scenario == "occluded"][:5]:
    areas = measure.label(scene.visible_masks.any(axis=0), connectivity=1).max()
    print(f"{scene.file_name:18} {len(scene.instances):2d} {areas:10d}")

# %% [markdown]
# Pieces that touch melt into one, and a piece that lies across another cuts it into two. So "is it food?" is not the only question: *which piece*
# does a pixel belong to, and what about the part of a piece that no pixel shows? The next lesson sorts these questions, and
# gives each its kind of segmentation.

# %% [markdown]
# ## What you now know
#
# - Segmentation says which pixels are the projection of the same object; detection says it with a box.
# - A mask is an array of `True` and `False`. Its sum is the area, its extremes are the box; a box has forgotten the mask.
# - Pixels become square centimetres by the *square* of the scale.
# - Otsu's threshold splits a histogram where its halves differ most. It separates light from dark, not food from plate.
# - Pixel accuracy rewards saying nothing wherever most pixels are background.
#
# ## Test yourself
#
# 1. A mask has 900 pixels in a photo with 15 pixels per cm. How large is the piece?
# 2. Two masks of one photo have the same box. Are they the same?
# 3. Why does Otsu multiply by $n_0 n_1$?
#
# <details><summary>Answers</summary>
#
# 1. $900 / 15^2 = 4$ square centimetres.
# 2. Not at all: a square and the ring around its border have the same box.
# 3. So that a few extreme pixels, far from the rest but of little weight, do not decide.
#
# </details>
#
# ## Read more
#
# - S. Birchfield, *Image Processing and Analysis*, Cengage Learning 2016, the chapter on segmentation: where the definition comes from.
# - N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on Systems, Man, and Cybernetics 9(1), 1979: four pages.
# - S. Minaee et al., "Image Segmentation Using Deep Learning: A Survey", IEEE TPAMI 44(7), 2022, sections 1 and 2: what came after thresholds.
#
# **Next**: [02 · Three kinds of segmentation](02_types_of_segmentation.ipynb)
