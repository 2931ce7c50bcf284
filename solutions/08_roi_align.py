# %% [markdown]
# # 08 · RoIAlign
#
# The region proposal network found boxes that fit to a fraction of a pixel. The next step used to throw that precision away, by rounding, twice. This lesson
# shows the damage, and the few lines that undo it. They gave Mask R-CNN its masks.
#
# **You will be able to**
# - bring boxes of any size to one size, and say why a network needs that;
# - show by how many pixels RoIPool moves a box, and what it costs;
# - read a map between its cells with bilinear interpolation, by hand and in code;
# - write RoIAlign, and choose the pyramid level that serves a box.
#
# **Time**: about 100 minutes · **Builds on**: lessons 06 and 07 · **You build**: RoIPool's rounding, bilinear interpolation, the sampling points,
# RoIAlign, the choice of a level, and the pooling over a whole pyramid that a model uses.

# %% setup=true
import numpy as np
import torch
from scipy.ndimage import map_coordinates
from skimage import color, filters
from torch import nn
from torch.nn import functional as F
from torchvision import ops

from course_utils.dataset import load
from course_utils.exercises.lesson_08 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.pooling import pooling
from course_utils.mask_rcnn import losses, postprocess
from course_utils.mask_rcnn.roi_align import roi_align
from course_utils.plots import roi_align as figures

plates = load("val")

# %% [markdown]
# ## Boxes of every size, a head of one
#
# The heads of lesson 09 are small networks with a fixed number of inputs: 7 x 7 values of each channel to name a box, 14 x 14 to draw its mask.
# The boxes that the RPN hands on, the **regions of interest** or RoIs, have every size and shape.
#
# That is what this step is for. *RoIAlign bertujuan untuk menyamakan dimensi dari RoI yang telah didapatkan dalam bagian RPN*: RoIAlign gives all RoIs
# the same dimensions. Here it does so with the photo itself, so that you can see it: 14 x 14 values of red, green and blue.

# %%
heaps = [scene for scene in plates if scene.scenario == "occluded"]
plate = next(scene for scene in heaps if len(scene.instances) >= 5)
photo = torch.from_numpy(plate.image.copy()).permute(2, 0, 1)[None] / 255
corners = torch.from_numpy(plate.boxes).float()
photo_number = torch.zeros(len(corners), 1)
rois = torch.cat([photo_number, corners], dim=1)
# A sampling_ratio of -1 reads as many points as a large box needs; more on points below.
small = roi_align(photo, rois, (14, 14), spatial_scale=1.0, sampling_ratio=-1)
figures.same_size(plate.image, plate.boxes[:5], small[:5].permute(0, 2, 3, 1).numpy())

# %% [markdown]
# ## A box between the cells
#
# In Mask R-CNN the values do not come from the photo but from a **feature map**, which is much coarser. A cell of a map with stride 16 stands for 16 pixels.
#
# Before you run the next cell: what are the corners of a box on the map? Will they be whole numbers?

# %%
stride = 16


def off(box):
    """How far each corner lies from a whole cell, in cells."""
    return np.abs(box / stride - np.round(box / stride))


box = max((b for b in plate.boxes if off(b).max() < 0.5), key=lambda b: off(b).mean())
print("in the photo:", box)
print("on the map:  ", np.round(box / stride, 2))

# %% [markdown]
# They lie between the cells. But an array has entries for whole cells only. What would you do?
#
# **RoIPool**, the predecessor (Girshick, 2015), did what came to mind first: it *rounded* the corners to whole cells. Then it had to share out, say, eight
# cells to three bins, and rounded a second time.
#
# ### Exercise: where RoIPool moves a box
#
# The first rounding happens on the map, but we want to see it in the photo. Where does the box lie there, after its corners have been rounded to the *nearest* cells? A corner half way between two cells goes
# up: 2.5 becomes 3. (That is no rarity, since boxes here consist of whole pixels. Try `np.round` on 2.5, 3.5 and 4.5 before you trust it.)


# %% exercise="snap-box"
def snap_box(box, stride):
    """The box in pixels of the photo after its corners were rounded to whole cells.

    box: (4,) x1, y1, x2, y2 in pixels, none below 0; stride: pixels per cell of the map.
    """
    # BEGIN SOLUTION
    cells = np.floor(np.asarray(box) / stride + 0.5)
    return cells * stride
    # END SOLUTION


# %% check="snap-box"
check("snap-box", snap_box)


# %%
snap = yours("snap-box", snap_box)
figures.snapped(plate, box, snap(box, stride), stride)

# %% [markdown]
# The head is shown the dashed box and told that it is the green one. And within the box it goes on: bins must consist of whole cells, so they
# overlap and differ in size.

# %%
figures.whole_cell_bins(cells=8, bins=3)

# %% [markdown]
# Is that one piece only, or all of them? Before you run the next cell: if corners lie anywhere, how far does rounding to a multiple of 16 move one on average?

# %%
every_box = np.concatenate([scene.boxes for scene in plates])
print("stride   a side moves by, on average   at most")
for cell in (4, 8, 16, 32):
    moves = np.abs([snap(each, cell) - each for each in every_box])
    print(f"{cell:6d} {moves.mean():18.1f} pixels {moves.max():13.0f} pixels")

# %% [markdown]
# A quarter of the stride, and up to half of it: if corners lie anywhere, every distance from 0 to half a cell is as likely as any other. To *name* a piece of food that does no harm, it is still in view. To say which *pixels* belong to it,
# to two pixels, four pixels are a lot.

# %% [markdown]
# ## Reading between four pixels
#
# The way out: do not move the box to the cells, but work out what the map would be *between* them. *RoIAlign dilakukan dengan operasi bilinear
# interpolation*, says the deck: RoIAlign works by bilinear interpolation. Think of the numbers as heights of four poles with a sheet stretched over them: how high is the sheet at the point?

# %%
four = np.array([[10.0, 20.0], [30.0, 60.0]])
figures.four_pixels(four, dy=0.25, dx=0.5)

# %% [markdown]
# Each of the four pixels counts the more, the nearer the point is. Let the point be $dy$ below the upper and $dx$ to the right of the left pixels, both between 0 and 1:
#
# $$ v = (1-dy)(1-dx)\,v_{00} + (1-dy)\,dx\,v_{01} + dy\,(1-dx)\,v_{10} + dy\,dx\,v_{11} . $$
#
# The weights are areas, and add up to 1. Before you go on, take a pencil: which value has the point in the picture?
#
# ### Exercise: bilinear interpolation
#
# Write it in code, for any point from the first pixel to the last. Mind the last row and the last column: there is nothing below, nothing to the right.


# %% exercise="bilinear-value"
def bilinear_value(feature, y, x):
    """Value of a map between its pixels.

    feature: (H, W); y, x: row and column, need not be whole. Pixel centres have whole
    coordinates: (0, 0) is the first pixel, (H - 1, W - 1) the last. Returns a number.
    """
    # BEGIN SOLUTION
    top, left = int(y), int(x)
    bottom = min(top + 1, feature.shape[0] - 1)
    right = min(left + 1, feature.shape[1] - 1)
    dy, dx = y - top, x - left
    above = (1 - dx) * feature[top, left] + dx * feature[top, right]
    below = (1 - dx) * feature[bottom, left] + dx * feature[bottom, right]
    return (1 - dy) * above + dy * below
    # END SOLUTION


# %% check="bilinear-value"
check("bilinear-value", bilinear_value)

# %% [markdown]
# Compare with your pencil. And with SciPy, whose `map_coordinates` is the same for many points at once:

# %%
value_at = yours("bilinear-value", bilinear_value)
print("yours", value_at(four, 0.25, 0.5))
print("SciPy", map_coordinates(four, [[0.25], [0.5]], order=1).item())

# %% [markdown]
# ## Four points in every bin
#
# Now RoIAlign is quickly told. Leave the box where it is. Split it into equal bins, as many as the head wants. In each bin choose four points, two along each axis,
# evenly spread. Read the map at the points. *Keempat poin ini dapat dilakukan operasi max atau average*: take the maximum or the average of the four.
#
# We need a map to look at. A trained network has hundreds of channels; let a single one stand for them that you can check by eye: how colourful the
# surroundings are (food is, plates are not), read off at every 16th pixel.


# %%
def colourfulness(scene):
    saturation = color.rgb2hsv(scene.image)[..., 1]
    return filters.gaussian(saturation, sigma=stride / 2)[::stride, ::stride]


feature = colourfulness(plate)
print("the map has", feature.shape, "cells")

# %% [markdown]
# ### Exercise: where are the points?
#
# Where do the points stand along one axis? (The other goes the same way.) A box that reaches from 1 to 5 in two bins of two points each has them at 1.5, 2.5, 3.5 and 4.5.


# %% exercise="bin-points"
def bin_points(start, end, bins, samples):
    """Coordinates of the points along one axis, all bins one after the other.

    start, end: where the box begins and ends on the map; bins: how many; samples:
    points in each. Returns an array of bins * samples numbers.
    """
    # BEGIN SOLUTION
    edges = np.linspace(start, end, bins * samples + 1)
    return (edges[:-1] + edges[1:]) / 2
    # END SOLUTION


# %% check="bin-points"
check("bin-points", bin_points)

# %% [markdown]
# Here they are, for our box in 3 x 3 bins.

# %%
points_of = yours("bin-points", bin_points)
x1, y1, x2, y2 = box / stride
rows, columns = points_of(y1, y2, 3, 2), points_of(x1, x2, 3, 2)
figures.sampling(feature, box / stride, 3, rows, columns)

# %% [markdown]
# ### Exercise: RoIAlign
#
# Put it together, as a model needs it: for all channels of a batch of maps, for many RoIs, and in PyTorch, so that a loss can be followed back into the maps. A RoI has five numbers: which photo of
# the batch, then its box.
#
# The weights of the four pixels have a short form. The share of row $r$ in a point at height $y$ is $1 - |y - r|$, or 0 where that is negative; the same for columns; and the weight of a pixel is the product of the two. So the
# rows of all points of a RoI are one small matrix, the columns another, and the map stands between them.
#
# Three rules of torchvision's: a RoI less than one cell wide or high counts as one cell; beyond the centre of the last row or column its value goes on; a point beyond H or W, where the map has ended, reads 0 (one at exactly H still goes on). No RoI begins left of or above the map.


# %% exercise="roi-align"
def my_roi_align(maps, rois, stride, bins):
    """The mean of 2 x 2 points in each bin of each RoI: (R, C, bins, bins).

    maps: (B, C, H, W); rois: (R, 5), the number of the photo in the batch, then x1, y1,
    x2, y2 in pixels of the photo; stride: pixels per cell of the map; bins: along each side.
    """
    # BEGIN SOLUTION
    def shares(start, end, length):
        size = (end - start).clamp(min=1)
        steps = (torch.arange(2 * bins) + 0.5) / (2 * bins)
        points = start[:, None] + size[:, None] * steps
        inside = points <= length
        distance = points.clamp(0, length - 1)[..., None] - torch.arange(length)
        weights = (1 - distance.abs()).clamp(min=0) * inside[..., None]
        return weights.unflatten(1, (bins, 2)).mean(dim=2)

    x1, y1, x2, y2 = (rois[:, 1:] / stride).T
    down, across = shares(y1, y2, maps.shape[2]), shares(x1, x2, maps.shape[3])
    photo = rois[:, 0].long()
    return torch.einsum("rph,rchw,rqw->rcpq", down, maps[photo], across)
    # END SOLUTION


# %% check="roi-align"
check("roi-align", my_roi_align)

# %% [markdown]
# ## A map whose answer is known
#
# How can one be sure that such code is right? By a map that one can compute in one's head. Take a **ramp** on which every cell holds ten times its row plus its column. The sheet over
# a ramp is flat, so interpolation is exact: a bin must have the value of its own centre.
#
# Before you run the next cell, work out the first bin: the box goes from (40, 24) to (136, 88) in the photo, the stride is 16, there are 2 x 2 bins.


# %%
def as_maps(feature):
    return torch.from_numpy(np.ascontiguousarray(feature)).float()[None, None]


def as_rois(box):
    return torch.tensor([[0.0, *box]], dtype=torch.float32)


def largest_of_four(feature, box, stride, bins):
    x1, y1, x2, y2 = np.asarray(box) / stride
    rows, columns = points_of(y1, y2, bins, 2), points_of(x1, x2, bins, 2)
    values = np.array([[value_at(feature, y, x) for x in columns] for y in rows])
    return values.reshape(bins, 2, bins, 2).max(axis=(1, 3))


align = yours("roi-align", my_roi_align)
ramp = 10.0 * np.arange(20)[:, None] + np.arange(20)[None, :]
slope = (40, 24, 136, 88)
pooled = ops.roi_pool(as_maps(ramp), as_rois(slope), (2, 2), 1 / 16)
print("RoIAlign, average:", align(as_maps(ramp), as_rois(slope), 16, 2).flatten().tolist())
print("RoIAlign, maximum:", largest_of_four(ramp, slope, 16, 2).flatten().tolist())
print("RoIPool:          ", pooled.flatten().tolist())

# %% [markdown]
# On the map the box goes from column 2.5 to 8.5 and from row 1.5 to 5.5. The first bin has its centre at column 4, row 2.5: the value is 29, and RoIAlign gives
# exactly that. RoIPool takes the *largest* value, and on a slope the largest is not the middle. But that is the smaller part of what it is off: the maximum of RoIAlign's four points is much nearer. The rest comes from whole cells. The box is rounded to columns 3 to 9 and rows 2 to 6, and RoIPool
# counts the cell that *begins* at the far corner in: one more column and one more row.
#
# The other proof is the reference. torchvision has RoIAlign as a compiled operation; yours must give the same.

# %%
torch.manual_seed(7)
maps = torch.randn(2, 3, 20, 20)
corners = torch.rand(50, 2) * 200
boxes = torch.cat([corners, corners + 5 + torch.rand(50, 2) * 110], dim=1)
table = torch.cat([torch.randint(2, (50, 1)), boxes], dim=1)
mine = align(maps, table, 16, 7)
theirs = ops.roi_align(maps, table, 7, 1 / 16, sampling_ratio=2)
print("equal to torchvision's:", bool((mine - theirs).abs().max() < 1e-5))

# %% [markdown]
# ## Slide the box
#
# A good operation answers a little differently when the box moves a little. Before you run the next cell: how will the value of the middle bin change while the box moves
# to the right, pixel by pixel, for RoIPool, and for RoIAlign with average and with maximum?


# %%
def middle_bin(box, method):
    if method == "RoIPool":
        bins = ops.roi_pool(as_maps(feature), as_rois(box), (3, 3), 1 / stride)
        return bins[0, 0, 1, 1]
    if method == "RoIAlign, average":
        return align(as_maps(feature), as_rois(box), stride, 3)[0, 0, 1, 1]
    return largest_of_four(feature, box, stride, 3)[1, 1]


shifts = np.arange(0, 40.5, 0.5)
curves = {}
for method in ("RoIPool", "RoIAlign, average", "RoIAlign, max"):
    curves[method] = [float(middle_bin(box + [s, 0, s, 0], method)) for s in shifts]
figures.glide(shifts, curves)

# %% [markdown]
# Max or average, both glide: what matters is that the points are *interpolated*. Which of the two one takes makes hardly any difference to the
# masks (He et al., 2017); torchvision averages. And when a box becomes a little better, RoIAlign's values become a little different. RoIPool's mostly stay the
# same, and so the head cannot tell the better box from the worse.
#
# Two boxes one pixel apart, on both sides of a jump, in all 7 x 7 bins:


# %%
def readings(shift):
    moved = box + [shift, 0, shift, 0]
    maps, rois = as_maps(feature), as_rois(moved)
    pooled = ops.roi_pool(maps, rois, (7, 7), 1 / stride)[0, 0]
    aligned = align(maps, rois, stride, 7)[0, 0]
    return feature, moved / stride, pooled.numpy(), aligned.numpy()


pooled = [readings(shift)[2] for shift in range(40)]
jump = int(np.argmax([np.abs(b - a).mean() for a, b in zip(pooled, pooled[1:])]))
for shift in (jump, jump + 1):
    figures.two_readings(*readings(shift), moved=shift)

# %% [markdown]
# Move it yourself, in three bins a side. Watch when RoIPool moves, and when it does not.

# %%
pooling(np.asarray(feature), box, stride)

# %% [markdown]
# ## Half a pixel
#
# There is one small question left, and it has two answers in practice. Where in the photo is the centre of cell 10? At $10 \cdot 16 = 160$, or, as the middle of a square of 16 pixels that begins at 160, at
# 168? torchvision's Mask R-CNN assumes the first (`aligned=False`), detectron2, the library of the paper's own group, the second (`aligned=True`, which takes half a cell off).
#
# It depends on how the map was made. We can ask: which pixels does cell 10 depend on, and where is their middle? One thing to mind: boxes count *edges*. Pixel 160 reaches from 160 to 161, so its own middle lies at 160.5.


# %%
def middle_of_cell(network, cell=10):
    image = torch.zeros(1, 1, 320, 320, requires_grad=True)
    network(image)[0, 0, cell, cell].backward()
    weight = image.grad[0, 0].sum(dim=0)
    middles_of_pixels = torch.arange(320) + 0.5
    return float((weight * middles_of_pixels).sum() / weight.sum())


halvings = [nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False) for _ in range(4)]
for conv in halvings:
    nn.init.ones_(conv.weight)
strided, squares = nn.Sequential(*halvings), nn.AvgPool2d(16)
print("four 3x3 convolutions of stride 2:", middle_of_cell(strided))
print("the mean of squares of 16 pixels: ", middle_of_cell(squares))

# %% [markdown]
# Means of squares have their middle at 168: `aligned=True` fits them exactly. Strided convolutions, as in a ResNet, look at 160.5: `aligned=False` fits them but for half a pixel. A network that is trained
# with one of them learns to live with it; only never train with one and predict with the other.

# %% [markdown]
# ## Which map of the pyramid?
#
# With a feature pyramid there are four maps to read from, P2 to P5, with strides 4 to 32. A large box is best served by a coarse map, whose cells have seen much of the
# photo; a small one by a fine map, on which it covers enough cells. Lin et al. (2017) choose by the area of the box:
#
# $$ k = \left\lfloor 4 + \log_2 \frac{\sqrt{w h}}{224} \right\rfloor , \quad \text{not below 2, not above 5.} $$
#
# A box of 224 x 224 pixels, the size of the photos on which backbones are trained (lesson 06), belongs to P4. One of half the side is one level finer.
#
# ### Exercise: the level of a box
#
# Write the formula, for many boxes at once.


# %% exercise="roi-level"
def roi_level(boxes):
    """Pyramid level, 2 to 5, of each box: (N, 4) of x1, y1, x2, y2 -> (N,), whole numbers."""
    # BEGIN SOLUTION
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    level = np.floor(4 + np.log2(np.sqrt(width * height) / 224))
    return level.clip(2, 5).astype(int)
    # END SOLUTION


# %% check="roi-level"
check("roi-level", roi_level)

# %% [markdown]
# Our photos have 320 pixels. Before you run the next cell: which levels will the pieces use, as they are, and when the photo is enlarged to 800 pixels as torchvision does by default?

# %%
level_of = yours("roi-level", roi_level)
for size in (320, 800):
    counts = np.bincount(np.asarray(level_of(every_box * size / 320)).astype(int), minlength=6)[2:].tolist()
    print(f"photos of {size} pixels:", dict(zip(("P2", "P3", "P4", "P5"), counts)))

# %% [markdown]
# The 224 has an image size built in. In small photos nearly everything is read from P2, and the coarser maps serve the RPN only. Good to know when you use a
# data set of your own.
#
# ### Exercise: each RoI from its own level
#
# The last step to a part of a model: the RoIs of a photo belong to different levels. The features come out in the order of the RoIs, whichever level they were read from.


# %% exercise="pool-rois"
def pool_rois(maps, rois, strides, bins, level_of, align):
    """Features (R, C, bins, bins) of the RoIs (R, 5), each from its own level.

    maps: list of (B, C, H_k, W_k), the first is level 2; strides: of each map;
    level_of(boxes): the level of each box; align(map, rois, stride, bins): RoIAlign.
    """
    # BEGIN SOLUTION
    pooled = torch.zeros(len(rois), maps[0].shape[1], bins, bins)
    levels = level_of(rois[:, 1:])
    for k, (level, stride) in enumerate(zip(maps, strides)):
        mine = levels == k + 2
        pooled[mine] = align(level, rois[mine], stride, bins)
    return pooled
    # END SOLUTION


# %% check="pool-rois"
check("pool-rois", pool_rois)

# %% [markdown]
# That is what a Mask R-CNN calls before each of its heads, and all of it is yours: the level, RoIAlign, the order of the rows. The proof: every piece of sixteen plates, enlarged to 800 pixels, read from a pyramid of random maps, by your parts and by torchvision's.

# %%
torch.manual_seed(8)
strides = [4, 8, 16, 32]
pyramid = [torch.randn(16, 8, 800 // s, 800 // s) for s in strides]
corners = [torch.from_numpy(scene.boxes * 2.5).float() for scene in plates[:16]]
table = torch.cat([F.pad(each, (1, 0), value=k) for k, each in enumerate(corners)])

pool = yours("pool-rois", pool_rois)
pooled = pool(pyramid, table, strides, 7, lambda found: torch.as_tensor(level_of(found.numpy())), align)
levels = {f"P{k}": each for k, each in enumerate(pyramid, 2)}
theirs = ops.MultiScaleRoIAlign(list(levels), 7, 2)(levels, corners, [(800, 800)] * 16)
print(f"{len(table)} RoIs, features {tuple(pooled.shape)}")
print("equal to torchvision's:", bool((pooled - theirs).abs().max() < 1e-4))

# %% [markdown]
# ## What does rounding cost?
#
# At last, in the currency that counts: pixels of masks. We give both operations a *perfect* head. It is shown the true mask inside the box it looks at, in 28 x 28 values (`mask_targets` cuts them out: the very targets that a mask branch learns from), and what it
# returns is laid into the box it was asked about (`paste`: you will write it in lesson 10). For RoIAlign the two boxes are the same. For RoIPool the first is rounded, and the head cannot know.


# %%
def perfect_head(scene, stride, values=28, exact_cut=False, exact_paste=False):
    """Masks (N, H, W) that come back; stride 0: boxes are not rounded."""
    asked = scene.boxes
    seen = np.array([snap(each, stride) for each in asked]) if stride else asked.copy()
    seen[:, 2:] = np.maximum(seen[:, 2:], seen[:, :2] + stride)  # one cell at least
    asked, seen = torch.from_numpy(asked).float(), torch.from_numpy(seen).float()
    truth, own = torch.from_numpy(scene.masks), torch.arange(len(seen))
    drawn = losses.mask_targets(truth, seen, own, values, ops.roi_align, exact_cut)
    paste = postprocess.paste_exactly if exact_paste else postprocess.paste
    return paste(drawn, asked, *scene.size).numpy() >= 0.5


def mask_ious(scene, stride, **way):
    found, truth = perfect_head(scene, stride, **way), scene.masks
    return (found & truth).sum(axis=(1, 2)) / (found | truth).sum(axis=(1, 2))


# %%
with_align, with_rounding = mask_ious(plate, 0), mask_ious(plate, 16)
worst = int(np.argmin(with_rounding))
both = [perfect_head(plate, cell)[worst] for cell in (0, 16)]
ious = [with_align[worst], with_rounding[worst]]
figures.laid_back(plate, plate.masks[worst], *both, ious)

# %% [markdown]
# And over all pieces of the validation split. Before you run the next cell: who suffers more, small pieces or large ones? (The bars are 95 % intervals.)

# %%
strides = (0, 4, 8, 16, 32)
scores = np.array([np.concatenate([mask_ious(s, cell) for s in plates]) for cell in strides])
area = np.prod(every_box[:, 2:] - every_box[:, :2], axis=1)
third = np.digitize(area, np.quantile(area, [1 / 3, 2 / 3]))
names = ["RoIAlign", *map(str, strides[1:])]
figures.cost(names, scores, np.array(["small", "middle", "large"])[third], 0.85)
print("boxes     mean IoU   0.85 or more   0.9 or more")
for name, row in zip(names, scores):
    good, better = (row >= 0.85).mean(), (row >= 0.9).mean()
    print(f"{name:8} {row.mean():9.2f} {good:14.0%} {better:13.0%}")

# %% [markdown]
# Small pieces suffer most: the same eight pixels are a larger share of them. The case study of this course counts a mask as right from an IoU of 0.85 or 0.9 on. A Mask R-CNN without a pyramid reads everything from one map of stride 16 or 32: with rounded
# boxes even a perfect head would miss these marks again and again. On P2, with its stride of 4, rounding would cost far less, but it costs something at 0.9 still. That is why He et al. changed this
# one operation, and they measured the largest gains on coarse maps and at strict thresholds.
#
# ### The last half pixel
#
# Not even RoIAlign gave back every mask whole. There are three suspects. 28 x 28 values may be too few. torchvision cuts the *true mask* out with
# `aligned=False`, too, although the pixels of a mask are squares: half a pixel goes astray. And it lays masks into boxes that end on whole pixels. The next cell mends one at a time, then the last two together, as detectron2 does. Which of the three will it be?

# %%
ways = {
    "torchvision's way": {},
    "56 x 56 values": {"values": 56},
    "cut out to the half pixel": {"exact_cut": True},
    "laid back to the half pixel": {"exact_paste": True},
    "the last two together": {"exact_cut": True, "exact_paste": True},
}
for name, way in ways.items():
    row = np.concatenate([mask_ious(s, 0, **way) for s in plates])
    print(f"{name:28} mean IoU {row.mean():.3f}, 0.95 or more: {(row >= 0.95).mean():.0%}")

# %% [markdown]
# Not the 28 x 28 values: with twice as many along each side the mean IoU stays as it was, and even fewer masks reach 0.95. The two half pixels are it, and each hides behind the other: mending one alone helps little, both together give back nearly all. Half a pixel sounds like nothing, and on photos of 1,000 pixels it nearly is. On our small ones it is spent before the network has made a single mistake, and IoU 0.9 leaves only 0.1 to spend. So
# the course's own model, which you will meet in the case study, is trained and read in the exact way (`exact_masks` in its `Settings`). The published weights of torchvision were trained in the other one, and need it.

# %% [markdown]
# ## What you now know
#
# - Heads need inputs of one size; RoIPool and RoIAlign bring every box to it.
# - RoIPool rounds twice. Rounding to cells of stride $s$ moves a side by $s/4$ on average and up to $s/2$.
# - Bilinear interpolation weighs four pixels by areas; on a ramp it is exact.
# - RoIAlign reads four interpolated points in each bin and takes their average or their maximum.
# - The pyramid level follows from the area of the box, with an image size built in; each RoI is read from its own level, and keeps its row.
#
# ## Test yourself
#
# 1. A point lies exactly on a pixel centre. What are its four weights?
# 2. Why does RoIAlign read four points in a bin and not one?
# 3. Could you train a network that predicts by *how much* to move a box through RoIPool?
#
# <details><summary>Answers</summary>
#
# 1. 1 for that pixel, 0 for the other three.
# 2. A bin may cover several cells; a single point would see only four of them. More points hardly change the result, since neighbouring cells resemble each other.
# 3. Not through the pooling: moving the box a little changes nothing, or everything at once, so there is no slope to follow. (Mask R-CNN does not try; it learns its boxes from the deltas of lessons 07 and 09.)
#
# </details>
#
# ## Read more
#
# - K. He, G. Gkioxari, P. Dollár, R. Girshick, "Mask R-CNN", ICCV 2017: section 3 "RoIAlign", figure 3, and table 2 (c) and (d) with the gains.
# - R. Girshick, "Fast R-CNN", ICCV 2015, section 2.1: RoIPool.
# - T.-Y. Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, section 4.2: the formula of the level.
#
# **Next**: [09 · The heads](09_heads.ipynb)
