# %% [markdown]
# # 03 · A network that learns
#
# In lesson 01 a threshold was to find the food, and could not: it knows light and dark, nothing else. Every later lesson uses a *neural network*: a chain of simple
# arithmetic, with many numbers in it that nobody has chosen; they are learned from examples. In this lesson you build such a network out of its parts, and watch it learn.
#
# **You will be able to**
# - slide a kernel over a photo, and say what a convolution, a ReLU and a pooling each do;
# - turn the numbers that a network gives into probabilities, and its mistakes into one number, the loss;
# - explain how a network learns from its loss: by hand with two weights, then with PyTorch and thousands of them;
# - train a network, and tell learning from learning by heart.
#
# **Time**: about 100 minutes · **Builds on**: lessons 01 and 02; no network and no PyTorch is asked for · **You build**: a
# convolution, the forward pass of a network, its loss, one step of learning, and a training loop.

# %% setup=true
import numpy as np
import torch
from skimage import color
from torch import nn
from torch.nn import functional as F

from course_utils.dataset import load
from course_utils.exercises.lesson_03 import check
from course_utils.exercises.yours import yours
from course_utils.explorables.descent import descent
from course_utils.explorables.sliding_kernel import sliding_kernel
from course_utils.mask_rcnn import shipped
from course_utils.plots import filters, learning

torch.set_num_threads(1)  # for small networks, more would only get in the way
plates = load("val")

# %% [markdown]
# ## Where does a piece end?
#
# You see it at once: where the brightness changes. So let us measure change. Take a grey photo and lay a small table of numbers, a **kernel**, on nine
# of its pixels. Multiply each pixel by the number that lies on it, and add up the nine products.
#
# Our kernel has -1 in its left column, 0 in the middle and 1 on the right. Before you run the next cell: what comes out where all nine pixels
# are the same? And where it is light on the left and dark on the right?

# %%
plate = next(scene for scene in plates if scene.scenario == "occluded" and len(scene.instances) >= 4)
gray = np.round(color.rgb2gray(plate.image) * 255)
vertical = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
row = 160
column = int(np.flatnonzero(plate.plate_mask[row])[0]) - 1  # at the left rim of the plate
filters.one_window(gray, vertical, row, column)

# %% [markdown]
# On an even surface nothing comes out: what is added on the right is taken away on the left. From dark to light gives a large positive number, from light
# to dark a large negative one. The kernel answers one question, *how much lighter is it on the right?*, for one place.
#
# Now slide it yourself, over a corner of the plate at an eighth of its size. You can change the numbers of the kernel, too: how does one look that gives large positive numbers where it is *darker* on the right?

# %%
corner = gray[60:220, 16:176].reshape(20, 8, 20, 8).mean(axis=(1, 3)).astype(np.uint8)
sliding_kernel(corner, {"lighter on the right": vertical.tolist()}, start=(9, 1))

# %% [markdown]
# (Change every sign: 1 on the left and -1 on the right.)
#
# Ask the question at every place, and write each answer where it was asked: you get a new picture, a **map**. This is a **convolution**. The kernel must lie on the photo
# entirely, so on a photo of 5 by 5 pixels a kernel of 3 by 3 has 3 by 3 places, and the map is a little smaller.
#
# ### Exercise: the convolution
#
# Slide a kernel over an image, and give the map. Kernels need not be square.
#
# <details><summary>Hint</summary>
#
# At how many rows can the kernel begin? In an image of height 5 a kernel of height 3 begins at row 0, 1 or 2.
#
# Go through the places with two loops, and cut the window out with a slice.
#
# </details>


# %% exercise="convolve"
def convolve(image, kernel):
    """The map that a kernel leaves when it slides over an image.

    image: (H, W) of numbers; kernel: (h, w) of numbers, not larger than the image.
    Returns (H - h + 1, W - w + 1) of float: at [r, c] the sum of the products of the
    kernel with the window whose top left pixel is image[r, c].
    """
    # BEGIN SOLUTION
    h, w = kernel.shape
    result = np.zeros((image.shape[0] - h + 1, image.shape[1] - w + 1))
    for r in range(result.shape[0]):
        for c in range(result.shape[1]):
            result[r, c] = (image[r : r + h, c : c + w] * kernel).sum()
    return result
    # END SOLUTION


# %% check="convolve"
check("convolve", convolve)

# %% [markdown]
# Now over the whole photo, with the kernel above and with the same one lying on its side. Before you run the next cell: which borders will each of them find? And
# will it find anything but food?

# %%
slide = yours("convolve", convolve)
edges = {
    "Lighter on the right": slide(gray, vertical),
    "Lighter below": slide(gray, vertical.T),
}
filters.signed_maps(gray, edges)

# %% [markdown]
# Blue is a large positive number, orange a large negative one, white is 0. The first kernel sees upright borders and is blind for level ones, the second the
# other way round. Neither knows food: the plate's rim is as good an edge as any.
#
# ## The same in PyTorch: four axes
#
# Python's loops are slow, so everybody uses `F.conv2d` of PyTorch. Its arrays are called **tensors**. They are much like NumPy's, and can do two things more:
# live on a graphics card, and remember how they were computed (you will see what for). For images they have **four axes**,
#
# `(batch, channels, height, width)`
#
# - the **batch** is several photos in one tensor, since a computer is quicker with many at once;
# - the **channels** are the numbers at one pixel: three in a colour photo, one in a grey one, dozens inside a network.
#
# A kernel has four as well, `(channels out, channels in, height, width)`: a small table for each channel that comes in, whose results are added up; and all of
# that once for each channel that goes out.
#
# Before you run the next cell: two colour photos of 320 by 320 go in, four kernels of 3 by 3 slide over them. What shape comes out?

# %%
x = torch.tensor(gray)[None, None]  # None makes a new axis of length 1
kernel = torch.tensor(vertical, dtype=x.dtype)[None, None]
theirs = F.conv2d(x, kernel)
print("one grey photo", tuple(x.shape), "gives", tuple(theirs.shape))
print("the same as ours:", np.allclose(theirs[0, 0], edges["Lighter on the right"]))

photos = torch.zeros(2, 3, 320, 320)
kernels = torch.zeros(4, 3, 3, 3)
print("two colour photos", tuple(photos.shape), "give", tuple(F.conv2d(photos, kernels).shape))
print("with a frame of zeros", tuple(F.conv2d(photos, kernels, padding=1).shape))

# %% [markdown]
# `padding=1` lays a frame of zeros around the photo first, and a map as large as the photo comes out. Most networks do that.
#
# ## Layer upon layer
#
# An edge is not much. Perhaps a kernel that slides over the *map* of another kernel sees more? Before you run the next cell: can two 3x3 kernels, one after
# the other, do anything that a single larger kernel cannot?

# %%
first = np.array([[1, 2, 0], [0, -1, 3], [2, 0, 1]])
second = np.array([[0, 1, -1], [2, 0, 1], [-3, 1, 0]])
one_larger = slide(np.pad(first, 2), second[::-1, ::-1])  # both kernels in one
after_each_other = slide(slide(corner, first), second)
print("the larger kernel:", one_larger.shape)
print("the same result:", np.allclose(after_each_other, slide(corner, one_larger)))

# %% [markdown]
# Nothing at all: one kernel of 5 by 5 does the same. (Any two have such a third.) Multiplying and adding, however often, stays multiplying and adding. Something
# has to come in between that is neither, and it is surprisingly plain: the **ReLU** (*rectified linear unit*) sets what is negative to 0. "How much
# lighter?" becomes "lighter or not, and if so, how much?", and answers to that cannot be merged into one kernel.
#
# The third part, **max pooling**, makes maps smaller: of every 2 by 2 numbers it keeps the largest. "Is there such an edge *about here*?" is all
# that the next layer needs, and it has a quarter of the work.
#
# Before you run the next cell: which of the two colours will be left?

# %%
convolved = edges["Lighter on the right"]
positive = np.maximum(convolved, 0)
pooled = positive.reshape(159, 2, 159, 2).max(axis=(1, 3))  # of each 2 x 2 the largest
filters.layers({"Convolution": convolved, "ReLU": positive, "Max pooling": pooled})

# %% [markdown]
# Blue only. (The edges from light to dark are lost in *this* channel. A second one, with the opposite kernel, keeps them.)
#
# ### Exercise: a network of two layers
#
# Now put them in a row; this is a whole network, if a small one. It gives a number for every patch of 2 by 2 pixels, higher where it is surer; such a number is called a **logit**.
#
# 1. a convolution with 3x3 kernels and `padding=1`, then a bias (a number that is added) for each channel;
# 2. a ReLU;
# 3. max pooling, 2 by 2;
# 4. a convolution with a 1x1 kernel, and a bias. Such a kernel sees no neighbours: it multiplies the channels of one place by a weight each, and adds them up.
#
# `F.conv2d(x, kernels, biases, padding=1)`, `x.relu()` and `F.max_pool2d(x, 2)` are what you need.
#
# <details><summary>Hint</summary>
#
# Say of each step which shape goes in and which comes out. For two colour photos of 320 by 320 and 4 kernels: `(2, 4, 320, 320)`, the same, `(2, 4, 160, 160)`,
# `(2, 1, 160, 160)`.
#
# </details>


# %% exercise="patch-logits"
def patch_logits(images, kernels, biases, last, last_bias):
    """One number for every patch of 2 x 2 pixels, higher where the network is surer.

    images: (B, C, H, W); kernels: (K, C, 3, 3); biases: (K,); last: (1, K, 1, 1);
    last_bias: (1,). All are tensors. Returns (B, 1, H // 2, W // 2). (When H or W is odd,
    max pooling leaves out the last row or column, as F.max_pool2d does by itself.)
    """
    # BEGIN SOLUTION
    maps = F.conv2d(images, kernels, biases, padding=1)
    maps = F.max_pool2d(maps.relu(), 2)
    return F.conv2d(maps, last, last_bias)
    # END SOLUTION


# %% check="patch-logits"
check("patch-logits", patch_logits)

# %% [markdown]
# Let it say what is food. It needs numbers for its kernels; nobody has told us any, so take random ones. Positive shall mean food. Before you run the next cell: what
# do you expect?

# %%
forward = yours("patch-logits", patch_logits)
torch.manual_seed(3)
weights = torch.randn(8, 3, 3, 3), torch.zeros(8), torch.randn(1, 8, 1, 1), torch.zeros(1)
three = plates[:45:15]
batch = torch.stack([torch.tensor(scene.image).permute(2, 0, 1) / 255 - 0.5 for scene in three])
says_food = forward(batch, *weights)[:, 0] > 0
food = [scene.visible_masks.any(axis=0)[::2, ::2] for scene in three]
learning.verdicts([scene.image for scene in three], says_food, food, "Random weights know nothing.")

# %% [markdown]
# Nonsense, of course: on one photo it takes the table for food, on the others the plate. It reacts to something, but not to food. The network is there; what is missing are the right
# **weights** (the numbers in its kernels, and the biases). Who chooses them?
#
# ## What a trained network looks for
#
# Nobody chooses them: they are *learned*, and how is the rest of this lesson. But look first at what comes of it. The model that later lessons use has learned from hundreds of
# plates. Its first layer has 64 kernels of 7 by 7 pixels and three colours, so each of them is a tiny colour picture.
#
# Before you run the next cell: draw, or think of, three kernels that you would put there.

# %%
model = shipped.course_model()
body = model.backbone.body
filters.trained_kernels(body.conv1.weight.detach().numpy())

# %% [markdown]
# Many are what you have built by hand: light on one side, dark on the other, in all directions. Others are a spot, or just a colour: they ask "is it
# this colour here?". And some look like noise; not every kernel of a network has found a use.
#
# Further up one cannot look at kernels any more: they slide over 64 and more channels, which have no colours. Zeiler and Fergus (2014) found a better question: **at
# which places does a channel respond most?** It is often said that networks see edges first, then textures, then parts of things. Is that so in ours?
#
# After its first layer our model has four *stages* of several layers each (lesson 05 takes them apart), and each makes the maps smaller. We take two channels from each, *drawn by chance* and not chosen, and cut out, from six photos, what lies at the place of the strongest response. (Not at the very
# border, where a network mostly sees the frame of zeros.)

# %%
names = ["first layer", "stage 1", "stage 2", "stage 3", "stage 4"]
around = dict(zip(names, [8, 14, 24, 40, 56]))  # pixels shown on each side
draw = np.random.default_rng(1)
picked = {name: draw.choice(64, 2, replace=False) for name in names}
images = [scene.image for scene in plates[::4]]
seen = {name: [] for name in names}
with torch.no_grad():
    for photo in images:
        x = model.normalise(torch.tensor(photo).permute(2, 0, 1) / 255)[None]
        maps = [body.bn1(body.conv1(x)).relu(), *body(x).values()]
        for name, found in zip(names, maps):
            seen[name].append(found[0, picked[name]].numpy())

# %% [markdown]
# Before you run the next cell: cover the names of the layers, and try to say of each group of six what its pictures have in common.

# %%
rows = {}
for name in names:
    maps = np.stack(seen[name], axis=1)  # (2 channels, photos, h, w)
    rows[name] = [filters.strongest(channel, images, around[name]) for channel in maps]
filters.strongest_places(rows)

# %% [markdown]
# This is what we see; look whether you agree.
#
# - **First layer**: slanting lines; dark brown.
# - **Stage 1**: upright borders; the lower border of something.
# - **Stage 2**: the lower left of something round; something new that begins on the right.
# - **Stage 3**: rims of plates, mostly, and two that do not fit; round pieces, of whichever food.
# - **Stage 4**: a piece above and empty plate below; the upper right of the plate, with the table behind it.
#
# So: edges, certainly. From stage to stage the places grow, and what is seen is more of a whole. A texture of one food, or a part such as the corner of a tahu, is not among these
# ten; perhaps it is among others (draw some: give `default_rng` another number). The saying comes from networks that learned a thousand kinds of things from a million photos. Ours learned six foods on plates, and to it the end
# of the plate matters as much. And many channels have no name at all: a network judges by many of them together.
#
# ## From numbers to probabilities
#
# Back to our small network. Before it can learn, somebody must be able to tell it *how wrong* it is, in one number. Take a simpler case: a network looks at a piece and
# gives three numbers, one for each of three foods. Such raw numbers are logits, too; they may be anything, and more means surer. Here are some:
#
# | tahu | tempe | bakwan |
# |---|---|---|
# | 2 | 1 | -1 |
#
# Probabilities are never negative, and together they are 1. The **softmax** makes them so: raise $e = 2.718\ldots$ to each logit $z_k$, which gives something positive, and divide by the
# sum,
#
# $$ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} . $$
#
# Before you run the next cell: which probabilities do you expect, roughly? Which if all three logits are doubled? And which if 10 is added to each?

# %%
foods = ["tahu", "tempe", "bakwan"]
logits = np.array([[2, 1, -1], [4, 2, -2], [12, 11, 9]])
powers = np.exp(logits)
shares = powers / powers.sum(axis=1, keepdims=True)
learning.probabilities(logits, shares, foods)

# %% [markdown]
# Doubling makes it surer; adding 10 to all changes nothing. That is useful: `np.exp(1000)` is more than a computer can write down, so one takes the largest logit away from all
# of them first. Then the largest power is $e^0 = 1$.
#
# ## How wrong? The loss
#
# Somebody knows the truth: it is a tempe. The network gave it a probability $p$. Its **loss** is $-\log p$ (the natural logarithm): 0 if it was sure of the truth,
# more the less it believed in it. This is the **cross-entropy**; of a batch one takes the mean.
#
# Before you run the next cell: what costs more, to be undecided always, or to be sure always and wrong once in ten times?

# %%
learning.surprise()

# %% [markdown]
# Undecided between two, $p = 0.5$, costs 0.69 each time. To be sure, $p = 0.999$, costs nearly nothing nine times; the tenth time the truth has the other 0.001, which costs 6.9: per
# answer 0.69 again. A network that is wrong more often than that had better not be so sure. That is what this loss teaches it.
#
# ### Exercise: softmax and cross-entropy
#
# You get a batch of logits, one row for each piece, and for each the number of the class that is true. Give the mean loss.
#
# <details><summary>Hint</summary>
#
# First the probabilities, each row for itself (`axis=1, keepdims=True`). Which one number of each row do you need?
#
# `np.arange(len(truth))` counts the rows: with it and `truth` as indices you get one number from each.
#
# </details>


# %% exercise="cross-entropy"
def cross_entropy(logits, truth):
    """Mean of -log(probability of the true class), the probabilities by softmax.

    logits: (N, K) of numbers, also as large as 1000; truth: (N,) of whole numbers
    from 0 to K - 1. N is at least 1. Returns a number.
    """
    # BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    given_to_truth = shares[np.arange(len(truth)), truth]
    return float(-np.log(given_to_truth).mean())
    # END SOLUTION


# %% check="cross-entropy"
check("cross-entropy", cross_entropy)

# %% [markdown]
# Three networks judge the same two pieces, a tahu (class 0) and a bakwan (class 2). Before you run the next cell: put them in order.

# %%
loss_of = yours("cross-entropy", cross_entropy)
truth = np.array([0, 2])
answers = {
    "sure, once wrong": np.array([[8, 0, 0], [0, 8, 0]]),
    "rather right": np.array([[2, 1, 0], [0, 1, 2]]),
    "no idea": np.array([[0, 0, 0], [0, 0, 0]]),
}
for name, logits in answers.items():
    theirs = F.cross_entropy(torch.tensor(logits, dtype=torch.double), torch.tensor(truth))
    print(f"{name:17} loss {loss_of(logits, truth):.2f}   by PyTorch {theirs:.2f}")

# %% [markdown]
# Half of its answers are right, and still it loses to the one that knows nothing.
#
# For a question of *yes or no*, is this patch food?, one logit is enough: let the other be 0. The softmax of $(z, 0)$ gives "yes" the probability
#
# $$ p = \frac{e^z}{e^z + 1} = \frac{1}{1 + e^{-z}} , $$
#
# the **sigmoid** of $z$. A positive logit says yes with more than one half, a negative one no. The loss is $-\log p$ where the truth is yes, and $-\log(1 - p)$ where it is no.

# %% [markdown]
# ## Two weights learn
#
# Now the smallest network there is: *one* number goes in, and two weights make a logit of it. The question is whether a patch of 8 by 8 pixels is food (by more than half). What goes in is how
# *warm* it is: its red minus its blue.
#
# It must be judged on plates that it has not learned from, so we keep two sets apart. From the **training** plates it learns; the **validation** plates (*held-out*
# plates) are only looked at.


# %%
def small(scenes):
    """Photos of 80 x 80 pixels, from -2 to 2, and of each of their 40 x 40 patches whether it is food."""
    photos = torch.stack([torch.tensor(s.image).permute(2, 0, 1) / 255 for s in scenes])
    food = torch.stack([torch.tensor(s.visible_masks.any(axis=0))[None] for s in scenes])
    return (F.avg_pool2d(photos, 4) - 0.5) / 0.25, (F.avg_pool2d(food.float(), 8) > 0.5).float()


# %%
train_photos, train_food = small(load("train")[:896:14])
val_photos, val_food = small(plates[::3])
print(len(train_photos), "plates to learn from,", len(val_photos), "held out")

# %% [markdown]
# Before you run the next cell: will there be a warmth that parts food from all the rest?


# %%
def warmth(photos):
    patches = F.avg_pool2d(photos, 2).double().numpy()
    return (patches[:, 0] - patches[:, 2]).ravel()


every = slice(None, None, 16)  # 6,400 patches are enough for two weights
x, y = warmth(train_photos)[every], train_food.double().numpy().ravel()[every]
mean, spread = x.mean(), x.std()
x = (x - mean) / spread
learning.warmth(x, y == 1)

# %% [markdown]
# (We took the mean away and divided by the spread, so that most numbers lie between -2 and 2. Steps of learning then suit all inputs alike, and nearly every network begins with
# this.)
#
# The model: $z = w\,x + b$, with a **weight** $w$ and a **bias** $b$, and $p$ the sigmoid of $z$. Nobody knows the right $w$ and $b$. But we can say how wrong *any* two are: the mean loss
# over all patches.


# %%
def loss(weight, bias):
    p = 1 / (1 + np.exp(-(weight * x + bias)))
    return np.mean(-np.log(np.where(y == 1, p, 1 - p)))


for weight, bias in [(0, 0), (1, 0), (1, -2)]:
    print(f"weight {weight}, bias {bias:2d}: loss {loss(weight, bias):.2f}")

# %% [markdown]
# One could try many pairs. A network has a million weights; nobody can try those. So ask a more modest question: standing *here*, which way is down?
#
# Hold the bias fast at -2 and stand at the weight -1. Nudge the weight a little: by how much does the loss change? That, divided by the nudge, is the **slope**.

# %%
nudge = 0.001
steepness = (loss(-1 + nudge, -2) - loss(-1, -2)) / nudge
weights = np.linspace(-2.5, 4, 100)
learning.slope(weights, [loss(w, -2) for w in weights], -1, loss(-1, -2), steepness)

# %% [markdown]
# To go down, go *against* the slope: $w \leftarrow w - \text{rate} \cdot \text{slope}$, and the same for the bias. The **learning rate** says how far. All slopes together are
# the **gradient**, and this is **gradient descent**.
#
# For a million weights one cannot nudge each of them either. But slopes can be calculated. For one patch, of which the truth $y$ is 1 or 0, the loss changes with the logit by
#
# $$ p - y , $$
#
# what the network said minus what is true (Goodfellow et al., 2016, section 6.2.2). Simpler it could not be: for a patch of food that was given $p = 0.2$ it is -0.8, so the higher the logit, the lower
# the loss. And the logit $w\,x + b$ changes with $w$ by $x$, and with $b$ by 1. So over all
# patches the slopes are the mean of $(p - y)\,x$ for the weight, and the mean of $p - y$ for the bias. Does that agree with our nudge?

# %%
p = 1 / (1 + np.exp(-(-1 * x - 2)))
print(f"calculated {np.mean((p - y) * x):.3f}, by nudging {steepness:.3f}")

# %% [markdown]
# ### Exercise: one step down
#
# Give the weight and the bias after one step.
#
# <details><summary>Hint</summary>
#
# What does the network say of each patch, as a probability? How wrong is each of these answers, and in which direction?
#
# Work out both slopes before you change anything.
#
# </details>


# %% exercise="gradient-step"
def gradient_step(weight, bias, x, y, rate):
    """The new weight and bias after one step of gradient descent.

    weight, bias: numbers; x: (N,) what goes in; y: (N,) what is true, 1 or 0; rate: the
    learning rate. The loss is the mean over all N. Returns two numbers.
    """
    # BEGIN SOLUTION
    p = 1 / (1 + np.exp(-(weight * x + bias)))
    slope_of_weight = np.mean((p - y) * x)
    slope_of_bias = np.mean(p - y)
    return weight - rate * slope_of_weight, bias - rate * slope_of_bias
    # END SOLUTION


# %% check="gradient-step"
check("gradient-step", gradient_step)

# %% [markdown]
# Now walk: 40 steps from the weight -1 and the bias 2, with three learning rates. The map shows the loss, darker is higher; each walk begins at the black point and ends at the green one. Before you
# run the next cell: what will a rate do that is too small, and what one that is too large?

# %%
step = yours("gradient-step", gradient_step)


def walk(rate, steps=40):
    path = [(-1.0, 2.0)]
    for _ in range(steps):
        path.append(step(*path[-1], x, y, rate))
    return path


weights, biases = np.linspace(-2, 6, 50), np.linspace(-7, 3, 50)
valley = np.array([[loss(w, b) for w in weights] for b in biases])
paths = {f"rate {rate}: {words}": walk(rate) for rate, words in [(0.1, "slow"), (2, "arrives"), (15, "leaps about")]}
learning.descents(weights, biases, valley, paths)

# %% [markdown]
# Too small, and it does not arrive; too large, and each step leaps over the valley. There is no rule for the right one; one tries. Choose one yourself.

# %%
descent(x, y, start=(-1.0, 2.0))

# %% [markdown]
# <details><summary>Answer</summary>
#
# From about 12 on it leaps to and fro and never arrives, wherever it begins: what counts is how steep the valley is near its bottom. With small rates the start does matter: with 0.1, forty steps are enough from near by
# only.
#
# </details>

# %% [markdown]
# ## PyTorch finds the slopes
#
# For two weights the slopes were a line of mathematics. For a network of many layers it is the same line again and again, from the loss back to the first layer: the change of each layer times the change
# of the one before (the *chain rule*; the procedure is called **backpropagation**). PyTorch does it for us. This is why its tensors remember how they were computed: `loss.backward()` walks that way back,
# and leaves at each weight its slope in `.grad`. This is called **autograd**.
#
# Before you run the next cell: our step from the weight 0 and the bias 0 with rate 1, by hand and by PyTorch. Will they agree?

# %%
weight = torch.tensor(0.0, dtype=torch.double, requires_grad=True)
bias = torch.tensor(0.0, dtype=torch.double, requires_grad=True)
logits = weight * torch.tensor(x) + bias
F.binary_cross_entropy_with_logits(logits, torch.tensor(y)).backward()
by_torch = (weight - 1.0 * weight.grad).item(), (bias - 1.0 * bias.grad).item()
print("the same step:", np.allclose(by_torch, step(0.0, 0.0, x, y, 1.0)))

# %% [markdown]
# (`F.binary_cross_entropy_with_logits` is our loss of yes or no. It takes logits and does the sigmoid itself, so that large ones do no harm.)
#
# What have two weights learned? On the held-out plates:


# %%
def scores(said, truth):
    """Of the food, how much was found; of what was called food, how much is food."""
    hits = (said & truth).sum()
    return hits / truth.sum(), hits / said.sum()


weight, bias = walk(2, 300)[-1]
val_x = (warmth(val_photos) - mean) / spread
is_food = val_food.numpy().ravel() == 1
found, right = scores(weight * val_x + bias > 0, is_food)
print(f"weight {weight:.1f}, bias {bias:.1f}")
print(f"{found:.0%} of the food is found; of what is called food, {right:.0%} is food")

# %% [markdown]
# It is careful: it says "food" only where it is so warm that hardly anything else can be. And it is a threshold again, at the warmth where $w\,x + b = 0$. Better than in lesson 01, for it was learned from plates and not
# from one histogram; but no threshold tells a white cireng from a white plate. For that one has to look at more than one number.

# %% [markdown]
# ## A network as a module
#
# So let us put the kernels back in. In PyTorch a network is a class, made from `nn.Module`: its layers are set up in `__init__`, and `forward` says what happens to a batch. You *call* it like a function.
# `nn.Conv2d` holds kernels and biases, begins with random ones, and tells PyTorch that they are to be learned.
#
# Ours is your network of two layers with two more convolutions. It takes a photo of 80 by 80 pixels and gives a logit for each of 40 by 40 patches. There is one new layer,
# `nn.BatchNorm2d`: it takes the mean away from each channel and divides by its spread, over the whole batch, as we did with the warmth, and then gives the channel a scale and a shift that are learned; deep networks
# learn much faster so (Ioffe and Szegedy, 2015).


# %%
class FoodNet(nn.Module):
    """Photos (B, 3, H, W) in, a logit for each patch of 2 x 2 pixels out: (B, 1, H/2, W/2)."""

    def __init__(self, width=24):
        super().__init__()
        self.layers = nn.Sequential(  # the stars unpack the layers of a block
            *self.block(3, width), nn.MaxPool2d(2),
            *self.block(width, width), *self.block(width, width), nn.Conv2d(width, 1, 1),
        )

    def block(self, channels, width):
        return nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()

    def forward(self, photos):
        return self.layers(photos)


net = FoodNet()
print("out:", tuple(net(val_photos[:2]).shape))
print(sum(p.numel() for p in net.parameters()), "weights to learn")

# %% [markdown]
# Where do so many weights come from? The first layer has 24 kernels of 3 x 3 numbers for each of 3 colours, and 24 biases: 672. The next two read 24 channels: 5208 each. The last has 25, and the three batch norms 48 each.
#
# ## The training loop
#
# All networks of this course, and nearly all others, learn in the same few lines. Until one has had enough:
#
# 1. take the next **batch** of photos and let the model say what it thinks of them;
# 2. compute the loss;
# 3. let autograd find the slope of every weight;
# 4. move every weight a little against its slope.
#
# One way through all training photos is an **epoch**. Why batches, and not all photos at once? A few show well enough which way is down, and so one gets many steps for the price of one. (Since they are drawn by chance it is called *stochastic* gradient
# descent, **SGD**.)
#
# PyTorch takes the fourth step for you: `optimizer = torch.optim.SGD(model.parameters(), lr=rate)` knows all weights, and `optimizer.step()` moves them. But there is a trap: `backward()` **adds** its slopes to those that are
# there already. `optimizer.zero_grad()` clears them away; it belongs before each `backward()`.
#
# ### Exercise: train for an epoch
#
# Write the loop over the batches. Collect the loss of each, as it was before its step: it is how one sees whether anything is learned.
#
# <details><summary>Hint</summary>
#
# Which three calls come between the loss of one batch and the next batch, and in which order?
#
# `loss.item()` makes a plain number of the loss, for the list.
#
# </details>


# %% exercise="train-epoch"
def train_epoch(model, batches, rate):
    """Train a model once on every batch, by plain SGD without momentum.

    model: gives logits; its weights are to change. batches: a list of pairs, images
    (B, C, H, W) and their targets, 1 or 0, of the same shape as the logits; rate: the
    learning rate. The loss is F.binary_cross_entropy_with_logits.
    Returns the list of the losses, one a batch, each from before its step.
    """
    # BEGIN SOLUTION
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    for images, targets in batches:
        loss = F.binary_cross_entropy_with_logits(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    # END SOLUTION


# %% check="train-epoch"
check("train-epoch", train_epoch)

# %% [markdown]
# Let it learn. The plates are shuffled into batches of eight, and the learning rate falls from 0.3 to 0, so that the last steps are small ones. After every round of eight steps we measure the loss, on the plates that it learns from and on the held-out ones. (`eval()` tells batch norm to use what it remembers of earlier batches: the answer on one
# plate shall not depend on which others are looked at with it.)

# %%
train = yours("train-epoch", train_epoch)


def loss_on(net, photos, food):
    net.eval()
    with torch.no_grad():  # only looking: no slopes are needed
        return F.binary_cross_entropy_with_logits(net(photos), food).item()


# %%
def learn(photos, food, epochs, rounds=16):
    """A trained network, and its losses after each round of so many epochs."""
    torch.manual_seed(1)
    net, seen, held_out = FoodNet(), [], []
    for number in range(rounds):
        net.train()
        for _ in range(epochs):
            shuffled = torch.randperm(len(photos)).split(8)
            batches = [(photos[k], food[k]) for k in shuffled]
            train(net, batches, 0.3 * (1 - number / rounds))
        seen.append(loss_on(net, photos, food))
        held_out.append(loss_on(net, val_photos, val_food))
    return net, {"plates it learns from": seen, "held-out plates": held_out}


# %% [markdown]
# Before you run the next cell: will the loss fall in every round? And where will it end: at 0?

# %%
net, curves = learn(train_photos, train_food, epochs=1)
learning.learning_curves({"64 plates": curves}, "The loss falls, on plates that were never learned from as well")

# %% [markdown]
# It falls, with setbacks: each step follows its own eight plates, and what is good for them may be bad for others. It does not reach 0, for some patches are hard, and this network is small.
#
# Numbers are one thing. Look at what it says of held-out plates. Before you run the next cell: which foods will it miss?

# %%
some = [1, 8, 15, 22, 29]
with torch.no_grad():
    shares = net(val_photos)[:, 0].sigmoid()
pictures = [(photo.permute(1, 2, 0) * 0.25 + 0.5).clip(0, 1).numpy() for photo in val_photos[some]]
learning.verdicts(pictures, shares[some] > 0.5, val_food[some, 0] == 1, "After 128 steps.")

# %%
said = shares.numpy().ravel() > 0.5
learning.found_and_right({"two weights": (found, right), "the network": scores(said, is_food)})

# %% [markdown]
# It finds about twice as much of the food as two weights did, and nearly all that it calls food is food. What it misses is above all cireng, and much of the bolu. A cireng is white, as most plates are, and one answer of this network
# sees 12 by 12 pixels of the small photo: too few to see that a piece is round and where it ends. How far a network sees is a question of lesson 05.
#
# ## Learning, or learning by heart?
#
# The same network, the same number of steps, but only *four* plates to learn from, each of them seen 128 times. Before you run the next cell: on which plates will it do better than the one before, and on which worse?

# %%
_, by_heart = learn(train_photos[:4], train_food[:4], epochs=8)
learning.learning_curves(
    {"64 plates to learn from": curves, "4 plates to learn from": by_heart},
    "Four plates are learned by heart: their loss falls on, that of others does not",
)

# %% [markdown]
# On its four plates it is better than ever, on all others worse. It has learned what *these* plates look like: this table is no food, this plate's shadow is none. That is **overfitting**, and the gap between the two lines shows it. So one never judges a model by the plates that it
# has learned from. And the plates on which one *chooses* (the number of rounds, the learning rate) must not give the final mark either: this course keeps two more sets for that, `test_occluded` and `test_non_occluded`, and opens them in lesson 16.
#
# What helps? More plates, as you see. Where there are none, one makes new ones out of the old, turned, mirrored, in other light (*augmentation*, lesson 15).
#
# ## From here to Mask R-CNN
#
# The networks of the next lessons have dozens of layers instead of four and millions of weights instead of thousands, and more than one loss. But the parts are these, and the loop is this one. Two things will be
# different: **momentum** lets each step go on a little in the direction of those before, as a ball rolls; and **AdamW**, with which the course's model was trained, adds to that a step size of its own for each weight, smaller where its slopes have been large, and pulls all weights a little towards 0.
#
# ## What you now know
#
# - A convolution slides a kernel over an image, or over maps, and gives a map; ReLU drops what is negative, pooling keeps the largest.
# - Softmax and sigmoid turn logits into probabilities; cross-entropy says how wrong they are, and punishes being sure and wrong.
# - The gradient says for each weight which way the loss grows. Learning is going the other way, step by step, batch by batch, epoch by epoch.
# - What counts is the loss on plates that were held out.
#
# ## Test yourself
#
# 1. A convolution has 8 kernels of 5 by 5, without padding, and a batch of 2 grey photos of 28 by 28 goes in. What shape comes out, and how many weights does it have, biases left out?
# 2. A network gives three classes the logits 0, 0 and 0. What is its loss, whichever class is true?
# 3. The loss on the training plates falls and falls; that on the held-out plates rises again after a while. When would you have stopped?
#
# <details><summary>Answers</summary>
#
# 1. `(2, 8, 24, 24)`; 8 kernels x 1 channel x 25 = 200 weights.
# 2. Each has the probability 1/3, so $-\log(1/3) = \log 3$, about 1.10.
# 3. At the lowest point of the held-out line (*early stopping*). From there on it learns by heart.
#
# </details>
#
# ## Read more
#
# - M. Nielsen, *Neural Networks and Deep Learning*, online 2015, chapters 1 and 2: the same way in more steps, with backpropagation in full.
# - 3Blue1Brown (G. Sanderson), "Neural networks", a series of films: gradient descent and backpropagation in pictures.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, sections 6.2 (losses and output units), 8.1 to 8.5 (SGD, momentum, Adam) and 9.1 to 9.3 (convolution and pooling).
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86(11), 1998: the network that read cheques.
# - M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014: what channels respond to most.
# - S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", ICML 2015.
#
# **Next**: [04 · Mask R-CNN at a glance](04_mask_rcnn_at_a_glance.ipynb)
