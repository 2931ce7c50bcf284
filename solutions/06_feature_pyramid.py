# %% [markdown]
# # 06 · The feature pyramid
#
# The backbone left us with a choice that nobody wants to make: maps that are fine but have seen little, or maps that
# have seen everything but are too coarse to point at it. The feature pyramid declines to choose.
#
# **You will be able to**
# - say what goes wrong with one map only, for small food and for large;
# - merge two maps with a pencil, and a whole backbone with twenty lines;
# - tell the usual mistakes in a pyramid from each other;
# - say why small food and large food are read from different levels.
#
# **Time**: about 70 minutes · **Builds on**: lesson 05 · **You build**: a Feature Pyramid Network, equal to
# torchvision's.

# %% setup=true
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from course_utils.dataset import load
from course_utils.exercises.lesson_06 import COARSE, FINE, check
from course_utils.exercises.yours import yours
from course_utils.explorables.top_down import top_down
from course_utils.mask_rcnn import layers as weights_of
from course_utils.mask_rcnn.backbone import PAPER_BACKBONES, ResNet
from course_utils.plots import merging, pyramid

torch.set_num_threads(1)  # for small networks, more would only get in the way
plates = load("val")
fine, coarse = FINE.copy(), COARSE.copy()

# %% [markdown]
# ## Why one map is not enough
#
# *Semakin dalam arsitektur neural network, maka feature map yang dihasilkan akan semakin kecil*, says the deck: the
# deeper, the smaller. What does that mean for food? Let us take the smallest and the largest piece of our hundred
# validation plates.

# %%
pieces = [(plate, piece) for plate in plates for piece in plate.instances]
sides = [np.sqrt(np.prod(piece.box[2:] - piece.box[:2])) for _, piece in pieces]
small_plate, small = pieces[np.argmin(sides)]
large_plate, large = pieces[np.argmax(sides)]
print(f"smallest: a {small.name}, about {min(sides):.0f} pixels a side")
print(f"largest:  a {large.name}, about {max(sides):.0f} pixels a side")

# %% [markdown]
# First the small one. A cell of C5 has a stride of 32 pixels. Before you run the next cell: how many cells across is
# the piece on C5? And on C2, of stride 4?

# %%
pyramid.in_cells(small_plate.image, small)

# %% [markdown]
# (One colour for each cell; a real map has many channels instead of a colour, but no more places.) On C5 the piece is
# hardly more than one cell. Whatever C5 knows, it cannot say where the outline runs.
#
# So take the finest map, C2? Now look at the large piece, and at what one cell in its middle has seen. The sides of
# these squares are the receptive fields of ResNet-50, by the arithmetic of lesson 05.

# %%
receptive_field = yours("receptive-field")
layers, sees = [(7, 2), (3, 2)], {}
for name, blocks, stride in [("C2", 3, 1), ("C3", 4, 2), ("C4", 6, 2), ("C5", 3, 2)]:
    layers += [(3, stride)] + [(3, 1)] * (blocks - 1)
    sees[name] = receptive_field(layers)
pyramid.in_fields(large_plate.image, large, sees)

# %% [markdown]
# Through the window of C2, could you say what food this is, or where it ends? The fine map is too short-sighted for
# large things, the coarse one too coarse for small ones. And it is worse than that: even for small things C2 stands
# after few layers, and few layers can tell an edge from a texture, but hardly tahu from tempe.

# %% [markdown]
# ## Four ways out
#
# Lin et al. (2017) put the answers that people had tried in one figure. Here it is redrawn; a dark map stands after
# many layers and has seen much. Before you read on: what does each of the four cost, and what does it lose?

# %%
pyramid.four_ways()

# %% [markdown]
# - **a.** Shrink the photo several times and run the whole network on each. It works, and costs several times as much.
# - **b.** Use the last map only. Fast; small things are lost. This is what Faster R-CNN did, and the *C4* version of
#   Mask R-CNN.
# - **c.** Predict from every map. But the fine ones stand after the first few layers: they know where things are, and
#   little of what they are.
# - **d.** Let what the coarse maps know flow back down to the fine ones. This is the **Feature Pyramid Network**, FPN.
#
# The deck's example of a backbone model, *contoh backbone model ResNet + FPN*, calls the two halves by their names:
# *arsitektur terbagi menjadi top-down dan bottom-up* (the architecture is divided into top-down and bottom-up). Here
# they are with the shapes of a ResNet-50, for a photo of 320 x 320.

# %%
torch.manual_seed(5)
body = ResNet(**PAPER_BACKBONES["resnet50"])
body.eval()
image = torch.tensor(large_plate.image).permute(2, 0, 1)[None].float() / 255
with torch.no_grad():
    maps = body(image)
shapes = {f"C{int(k) + 2}": tuple(features.shape[1:]) for k, features in maps.items()}
pyramid.diagram(shapes, channels=256)

# %% [markdown]
# **Bottom-up** is the backbone. **Top-down**, *dilakukan penggabungan antara feature map 1 x 1 conv dengan fitur hasil
# upscaling*: the map that comes from the side through a 1x1 convolution is joined with the enlarged map from above. We
# now build it from its three parts.

# %% [markdown]
# ## Part 1: enlarge
#
# Each map has half the height and width of the one below. To add the two, the coarse one must be enlarged to the size
# of the fine one. FPN does it in the simplest way, **nearest neighbour**: each pixel becomes a square of four equal
# ones. The figure shows it, beside two things that it is not.

# %%
two = torch.tensor([[0.0, 4.0], [8.0, 4.0]])[None, None]
nearest = F.interpolate(two, scale_factor=2, mode="nearest")[0, 0]
bilinear = F.interpolate(two, scale_factor=2, mode="bilinear")[0, 0]
merging.enlargements({
    "A coarse map": two[0, 0].numpy(),
    "Nearest neighbour": nearest.numpy(),
    "Not: bilinear": bilinear.numpy(),
    "Not: tiled": np.tile(two[0, 0].numpy(), (2, 2)),
})  # fmt: skip

# %% [markdown]
# ### Exercise: enlarge
#
# Make every pixel of a map a square of four, in all channels: twice as many rows, twice as many columns, no new values.


# %% exercise="upsample"
def upsample(coarse):
    """A map (C, h, w) enlarged to (C, 2 * h, 2 * w), nearest neighbour, an array."""
    # BEGIN SOLUTION
    return coarse.repeat(2, axis=1).repeat(2, axis=2)
    # END SOLUTION


# %% check="upsample"
check("upsample", upsample)

# %% [markdown]
# Try it on the map on which the smallest piece was hardly more than a cell. Before you run the next cell: will it be
# sharper when it is enlarged three times over?

# %%
enlarge = yours("upsample", upsample)
photo = torch.tensor(small_plate.image).permute(2, 0, 1)[None].float()
on_c5 = F.avg_pool2d(photo, 32)[0].numpy()
on_c2 = enlarge(enlarge(enlarge(on_c5)))
merging.enlarged(small_plate.image, small, on_c5, on_c2)

# %% [markdown]
# It has the grid of C2 now and knows exactly what C5 knew. Enlarging makes nothing sharper; what is fine must come from
# the fine map.

# %% [markdown]
# One trap for later. A map of 25 rows comes from one of 50 rows, but also from one of 49: an odd map has one row *less*
# than twice the coarser one. So a real pyramid never says "times two", it says "to the size of that map".

# %%
odd = torch.arange(3.0)[None, None, None]
five = F.interpolate(odd, size=(1, 5), mode="nearest")
print("three columns, enlarged to five:", five.flatten().tolist())

# %% [markdown]
# ## Part 2: the lateral connection
#
# C4 has 1024 channels, C5 has 2048. Even at one size they could not be added. So every map first goes through a **1x1
# convolution** that brings it to the same number of channels, 256 in the paper. It is the *lateral* connection, the
# arrow from the side.
#
# A 1x1 convolution is a humble thing: at each pixel, all by itself, each new channel is a weighted sum of the old ones,
# plus a bias.
#
# $$ \text{out}[d, y, x] = \sum_c w[d, c] \cdot \text{in}[c, y, x] + b[d] $$
#
# ### Exercise: a 1x1 convolution
#
# Give the new channels of a map from its old ones, the weights and the bias.


# %% exercise="lateral"
def lateral(features, weights, bias):
    """A 1x1 convolution: (C, h, w), (D, C), (D,) -> (D, h, w), as an array."""
    # BEGIN SOLUTION
    return np.tensordot(weights, features, axes=1) + bias[:, None, None]
    # END SOLUTION


# %% check="lateral"
check("lateral", lateral)

# %% [markdown]
# A photo is a map of three channels, red, green and blue. Yours can mix them: red counts 2, green -1, blue -1. Before
# you run the next cell: what on this plate will be bright, and what dark?

# %%
mix = yours("lateral", lateral)
colours = small_plate.image.transpose(2, 0, 1) / 255
reddish = mix(colours, np.array([[2.0, -1.0, -1.0]]), np.array([0.0]))
merging.mixed(colours, reddish[0], "2 red - green - blue")

# %% [markdown]
# Each pixel was judged by itself, by its three numbers and nothing else. What is white, grey or black has all three
# alike and comes to 0; what is brown or orange stands out. In the pyramid the 1x1 convolution of C5 has 2048 channels
# to weigh against each other, instead of three, and its weights are learned.

# %% [markdown]
# ## Part 3: the merge
#
# Now **add**: lateral plus enlarged. Not one on top of the other as channels (*concatenation*): adding keeps the number
# of channels, so that every level of the pyramid looks the same, and one head can serve them all.
#
# May one add channel 17 of the one map to channel 17 of the other, as if they meant the same? At the start they mean
# nothing, neither of them. The laterals are learned *together with* the sum: a pair that speaks of different things
# makes a bad sum and a large loss, and so both learn one language.
#
# Do it once with a pencil. A fine map and a coarse one, two channels each:

# %%
merging.toy_maps(fine, coarse)

# %% [markdown]
# ### Exercise: one merge with a pencil
#
# Each lateral makes one channel out of two. For the fine map: `fine[0] + 2 * fine[1]`. For the coarse map:
# `10 * coarse[0] - 10 * coarse[1]`. There is no bias. Then enlarge, and add.
#
# The coarse map gives the tens, the fine map the ones, so you can see in the result where each digit comes from. Write
# down the 4 x 4 numbers as a list of four lists, or let NumPy do it.

# %% exercise="merge-by-hand"
# BEGIN SOLUTION
merged = [
    [21, 23, 4, 0],
    [23, 22, 0, 7],
    [14, 13, 33, 30],
    [12, 12, 30, 35],
]
# END SOLUTION

# %% check="merge-by-hand"
check("merge-by-hand", merged)

# %% [markdown]
# The same with your two functions, step by step:

# %%
none = np.zeros(1)
from_side = mix(fine, np.array([[1, 2]]), none)
from_above = mix(coarse, np.array([[10, -10]]), none)
enlarged = enlarge(from_above)
merging.toy_steps(from_side[0], from_above[0], enlarged[0])
with_pencil = np.array(yours("merge-by-hand", merged))
print("as with the pencil:", np.array_equal(from_side[0] + enlarged[0], with_pencil))

# %% [markdown]
# And with three levels: what one cell of the fine map adds up.

# %%
rng = np.random.default_rng(6)
top_down([10**k * rng.integers(0, 10, (8 >> k, 8 >> k)) for k in range(3)], ["P2", "P3", "P4"])

# %% [markdown]
# Read the result as a story. The coarse map says: *something at the upper left and, more strongly, at the lower right,
# but I cannot tell you where exactly*. The fine map says: *here are edges, but I cannot tell you of what*. The sum says
# both.

# %% [markdown]
# ## The whole pyramid
#
# With more than two levels one thing decides everything: **what is handed down**. It is the *merged* map, so that what
# C5 knows passes through every level down to P2.
#
# One last part: nearest neighbour leaves a staircase of squares. So each merged map goes through a **3x3 convolution**
# that smooths it, and the result is the level $P_k$ that leaves the pyramid. It is smoothed on the way out only, not
# before it is handed down.
#
# ### Exercise: the feature pyramid
#
# A network this time. Each level has a 1x1 and a 3x3 convolution of its own, both with a bias; an `nn.ModuleList` holds
# a list of layers so that PyTorch knows of them. `F.interpolate(x, size=..., mode="nearest")` enlarges tensors.
#
# To the levels comes one more, called *pool* or P6: every second cell of the coarsest level, `[..., ::2, ::2]`. Only
# the region proposals of lesson 07 use it, to look for very large things; the heads do not.


# %% exercise="feature-pyramid"
class FeaturePyramid(nn.Module):
    """FeaturePyramid(channels, outputs): channels of each map coming in, finest first."""

    def __init__(self, channels, outputs):
        super().__init__()
        # BEGIN SOLUTION
        self.laterals = nn.ModuleList(nn.Conv2d(c, outputs, 1) for c in channels)
        self.smooths = nn.ModuleList(
            nn.Conv2d(outputs, outputs, 3, padding=1) for _ in channels
        )
        # END SOLUTION

    def forward(self, maps):
        """List of maps (B, C_k, H_k, W_k), finest first -> list of levels, one more than maps.

        Each level is (B, outputs, H_k, W_k); the last one is every second cell of the
        coarsest before it.
        """
        # BEGIN SOLUTION
        levels, merged = [], None
        for k in reversed(range(len(maps))):
            lateral = self.laterals[k](maps[k])
            if merged is not None:
                size = lateral.shape[-2:]
                lateral = lateral + F.interpolate(merged, size=size, mode="nearest")
            merged = lateral
            levels.insert(0, self.smooths[k](merged))
        return [*levels, levels[-1][..., ::2, ::2]]
        # END SOLUTION


# %% check="feature-pyramid"
check("feature-pyramid", FeaturePyramid)

# %% [markdown]
# Is it the real thing? torchvision has an FPN too. Both use their weights in the same places, whatever their layers are
# called, so those of the one can be copied into the other. Before you run the next cell: which maps will come out, and
# of which shapes?

# %%
mine = yours("feature-pyramid", FeaturePyramid)(body.channels, 256)
theirs = FeaturePyramidNetwork(body.channels, 256, extra_blocks=LastLevelMaxPool())
rows = list(maps.values())
pairs = weights_of.pair(
    weights_of.layers_of(theirs, maps), weights_of.layers_of(mine, rows)
)
weights_of.copy_weights(pairs)
with torch.no_grad():
    for (name, expected), level in zip(theirs(maps).items(), mine(rows)):
        same = torch.allclose(level, expected, rtol=1e-5, atol=1e-5)
        print(f"{name:4} {str(tuple(level.shape)):20} equal to torchvision's: {same}")

# %% [markdown]
# ## What P2 sees that C2 did not
#
# Was it worth it? In lesson 05 we asked a cell of C2 which pixels act on it. Let us ask the cell at the same place of
# P2, in *your* pyramid on top of the backbone. Before you run the next cell: how much of the photo will P2 see?


# %%
def influence(network):
    pixels = image.clone().requires_grad_()
    network(pixels)[0, :, 40, 40].sum().backward()
    return pixels.grad[0].abs().amax(dim=0).numpy()


def p2(pixels):
    return mine(list(body(pixels).values()))[0]


seen = {"C2": influence(lambda pixels: body(pixels)["0"]), "P2": influence(p2)}
pyramid.who_sees(large_plate.image, seen)

# %% [markdown]
# The grid of C2, the view of C5. Mind what that says and what not. Both networks are untrained: a pixel that *can* act
# on a cell is not yet knowledge. And as in lesson 05 the middle acts most, so that the view that counts is smaller than
# the one that is possible. But what training finds out in C5 now has a way down to the fine grid; before there was
# none.
#
# The price is small:

# %%
for words, part in (("backbone", body), ("your pyramid", mine)):
    parameters = sum(p.numel() for p in part.parameters())
    print(f"{words}: {parameters / 1e6:.1f} million parameters")

# %% [markdown]
# ## Which level for which box?
#
# Later the network wants the features of one box, and has four maps to take them from. A box of 224 pixels goes to P4;
# half the side is one level finer, twice the side one level coarser (Lin et al., 2017, section 4.2). Why 224, why 4?
# Backbones are trained first on crops of 224 pixels from the photos of ImageNet, so at that size they are at home. And
# before there were pyramids, a Faster R-CNN with a ResNet took its features from the one map C4. Lesson 08 writes the
# rule down as a formula.
#
# And our food? Our photos have 320 pixels, and the model of this course enlarges them to 384 (lesson 04). The paper
# enlarges every photo until its short side has 800. Before you run the next cell: will that change which levels do the
# work?

# %%
at_320 = np.array(sides)
pyramid.sides_and_levels({
    "Enlarged to 384 pixels, as in this course": at_320 * 384 / 320,
    "Enlarged to 800 pixels, as in the paper": at_320 * 800 / 320,
})  # fmt: skip

# %% [markdown]
# A pyramid knows nothing of centimetres: the size in *pixels* decides. In small photos its upper levels have nothing to
# do for the heads (the region proposal network still uses them), and that is the sort of thing to look at before you
# train.

# %% [markdown]
# ## What you now know
#
# - Fine maps have seen little, coarse maps cannot point: one map does not serve small and large food alike.
# - Bottom-up is the backbone. Top-down: lateral 1x1, enlarge the *merged* map above by nearest neighbour, add; a 3x3 on
#   the way out.
# - Add, do not concatenate; lateral before the sum; smooth after it; never hand down the smoothed map.
# - P2 has the grid of C2 and the view of C5. `pool` is every second cell of P5.
# - A box goes to the level that its size in pixels tells.
#
# ## Test yourself
#
# 1. C3 has 512 channels and 100 x 152 pixels. What shape has P3?
# 2. Somebody hands down the smoothed maps instead of the merged ones. How often has C5's knowledge been smoothed when
#    it leaves at P2?
# 3. A plate is photographed from twice as far away. By how much do the levels of its pieces change?
#
# <details><summary>Answers</summary>
#
# 1. 256 x 100 x 152: the pyramid keeps the grid and gives every level 256 channels.
# 2. Four times, once at each level from P5 to P2. It should be once.
# 3. Half the side in pixels: one level finer, unless they are on P2 already.
#
# </details>
#
# ## Read more
#
# - T.-Y. Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017: section 3 is the whole method, in one
#   page.
# - E. H. Adelson et al., "Pyramid methods in image processing", RCA Engineer 29(6), 1984: way a., thirty years earlier.
# - S. Liu et al., "Path Aggregation Network for Instance Segmentation", CVPR 2018: a second path, from the bottom up
#   again.
#
# **Next**: [07 · Region proposals](07_region_proposals.ipynb)
