# %% [markdown]
# # 05 · The backbone
#
# Before a network can say "that is a tempe", something has to turn pixels into features. That something is the
# **backbone**, by far the largest part of Mask R-CNN. What its channels look for once it is trained, lesson 03 has
# shown; this lesson is about how it is built, and why just so.
#
# **You will be able to**
# - say how large every map of a backbone is, and how much of the photo one of its cells sees, with a pencil;
# - explain what a shortcut is for, and what a bottleneck saves;
# - say why ResNeXt is wider than ResNet and costs the same;
# - count the parameters and multiply-adds of a network, and choose a backbone by them.
#
# **Time**: about 80 minutes · **Builds on**: lessons 03 and 04 · **You build**: the bottleneck, of which a whole
# ResNet-50 is then made, and the arithmetic of backbones.

# %% setup=true
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor

from course_utils.dataset import load
from course_utils.exercises.lesson_05 import RECIPES, check, convolutions
from course_utils.exercises.yours import yours
from course_utils.explorables.receptive import receptive
from course_utils.mask_rcnn import layers as weights_of
from course_utils.mask_rcnn import shipped
from course_utils.mask_rcnn.backbone import PAPER_BACKBONES, ResNet
from course_utils.mask_rcnn.backbone import Bottleneck as CourseBottleneck
from course_utils.mask_rcnn.efficientnet import EfficientNetLite0
from course_utils.plots import backbone

torch.set_num_threads(1)  # for small networks, more would only get in the way
heaps = [scene for scene in load("val") if scene.scenario == "occluded"]
plate = next(scene for scene in heaps if len(scene.instances) >= 4)
image = torch.tensor(plate.image).permute(2, 0, 1)[None].float() / 255

# %% [markdown]
# ## What does a backbone give?
#
# The **backbone model**, in the words of the deck: *backbone merupakan arsitektur CNN utama untuk ekstraksi fitur suatu
# citra*: it is the main convolutional network, and it extracts features. Mask R-CNN was tested with **ResNet** and
# **ResNeXt**, of **50** and **101** layers (He et al., 2017).
#
# Here is a ResNet-50. Its weights are random: nearly everything in this lesson depends only on how a network is built.
# A photo goes in as `(batch, channels, height, width)`.
#
# Before you run the next cell: the photo has 320 x 320 pixels and 3 channels. What do you expect to come out: larger or
# smaller, more channels or fewer?

# %%
torch.manual_seed(4)
resnet50 = ResNet(**PAPER_BACKBONES["resnet50"]).eval()
with torch.no_grad():
    maps = {f"C{int(k) + 2}": features for k, features in resnet50(image).items()}
print(f"photo  {tuple(image.shape)}   {image.numel():7d} numbers")
for name, features in maps.items():
    print(f"{name}     {tuple(features.shape)}   {features.numel():7d} numbers")

# %% [markdown]
# Not one answer but four, one after each **stage** of the network. The literature calls them C2 to C5, where $C_k$ is
# $2^k$ times smaller than the photo: its **stride** is $2^k$. From one stage to the next a map loses half its height
# and width, and doubles its channels.
#
# To see maps we need a network that has learned something. Here are those of this course's own model: of each stage the
# channel that varies most over this plate, without the border, where a network sees the frame of zeros. (It is a
# smaller ResNet with fewer channels; the sizes are the same.)

# %%
with torch.no_grad():
    model = shipped.course_model()
    learned = model.backbone.body(model.normalise(image[0])[None]).values()
shown = {}
for name, features in zip(maps, learned):
    rim = features.shape[-1] // 10
    inside = features[0, :, rim:-rim, rim:-rim]
    shown[name] = features[0, inside.std(dim=(1, 2)).argmax()].numpy()
backbone.shrinking_maps(plate.image, shown)

# %% [markdown]
# From left to right outlines turn into *here is food*, said by ever fewer cells. *Semakin dalam arsitektur neural
# network, maka feature map yang dihasilkan akan semakin kecil*: the deeper, the smaller. Hold on to the last picture:
# could you outline a piece of food on it? Hardly, and lesson 06 is about that. First: why do they shrink, and why would
# anyone want it?

# %% [markdown]
# ## Why maps shrink
#
# A convolution slides a window, the *kernel*, over its input (lesson 03), and every place where the window stands gives
# one output pixel. So the question "how large is the output?" is: **at how many places can the window stand?**
#
# Along one side only, with 7 pixels and one zero of padding at either end, a kernel of 3 and a step, the *stride*, of
# 2. Count before you look.

# %%
backbone.window_steps(size=7, kernel=3, stride=2, padding=1)

# %% [markdown]
# In general, with $n$ pixels, padding $p$, kernel $k$ and stride $s$, there are
#
# $$ \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 $$
#
# places (Dumoulin and Visin, 2016). The brackets round down.
#
# ### Exercise: output size
#
# Give the number of places from the size of the input, kernel, stride and padding.


# %% exercise="output-size"
def output_size(size, kernel, stride, padding):
    """Pixels along one side of a convolution's output, as a whole number.

    size: pixels along one side of its input, without the padding; padding: zeros
    at either end. The kernel fits at least once.
    """
    # BEGIN SOLUTION
    last_start = size + 2 * padding - kernel
    return len(range(0, last_start + 1, stride))
    # END SOLUTION


# %% check="output-size"
check("output-size", output_size)

# %% [markdown]
# Follow the 320 pixels through ResNet's five steps that halve: on the left by your arithmetic, on the right by real
# layers.

# %%
size_after = yours("output-size", output_size)
halving = {
    "first convolution, 7x7": nn.Conv2d(3, 64, 7, stride=2, padding=3),
    "max pooling, 3x3": nn.MaxPool2d(3, stride=2, padding=1),
    "3x3 in stage 3 (C3)": nn.Conv2d(64, 64, 3, stride=2, padding=1),
    "3x3 in stage 4 (C4)": nn.Conv2d(64, 64, 3, stride=2, padding=1),
    "3x3 in stage 5 (C5)": nn.Conv2d(64, 64, 3, stride=2, padding=1),
}
x = image
for words, layer in halving.items():
    numbers = (np.max(n) for n in (layer.kernel_size, layer.stride, layer.padding))
    expected, x = size_after(x.shape[-1], *map(int, numbers)), layer(x)
    print(f"{words:24} {expected:3d}   {x.shape[-1]:3d}")

# %% [markdown]
# All other convolutions on the main path have stride 1 and just enough padding to keep the size.

# %% [markdown]
# ## How much of the photo does one cell see?
#
# Why give up pixels? Because of what one number of the map can know. A cell after one 3x3 convolution has seen 3 x 3
# pixels; nobody can tell tahu from tempe in 3 x 3 pixels. What it has seen is its **receptive field**.
#
# Each layer lets a cell look at its neighbours in the map below, and those have fields of their own. Two numbers
# suffice to keep track:
#
# - the **field** $r$, in pixels of the photo. It starts at 1.
# - the **step** $j$: how far apart in the photo two neighbouring cells are. It starts at 1.
#
# A layer with kernel $k$ reaches $k - 1$ cells further, each of them a step away: $r \leftarrow r + (k - 1)\,j$. Then
# its stride spreads the cells: $j \leftarrow j \, s$.
#
# Before you go on: what does a cell see after two 3x3 layers of stride 1? And if the first of them has stride 2? Draw
# it.
#
# ### Exercise: receptive field
#
# Give the field of a cell behind any list of layers.


# %% exercise="receptive-field"
def receptive_field(layers):
    """Side of the square of photo pixels that one cell of the last layer sees.

    layers: a list of (kernel, stride), the first layer first. No layers: 1.
    """
    # BEGIN SOLUTION
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field
    # END SOLUTION


# %% check="receptive-field"
check("receptive-field", receptive_field)

# %% [markdown]
# Here is the drawing, seen from the side: one cell of the second layer, and all that it rests on.

# %%
field_of = yours("receptive-field", receptive_field)
backbone.cone([(3, 1), (3, 1)], [(3, 2), (3, 1)], field_of=field_of)

# %% [markdown]
# For a whole ResNet-50 somebody has to list its layers. The real network can do it itself: whatever has a kernel and
# lies on the main path counts. (The shortcuts do not: they see less.)

# %%
fields, steps, so_far = {}, {}, []
for name, layer in resnet50.named_modules():
    if isinstance(layer, (nn.Conv2d, nn.MaxPool2d)) and "downsample" not in name:
        so_far.append((int(np.max(layer.kernel_size)), int(np.max(layer.stride))))
        if so_far[-1][0] > 1:
            fields[name] = field_of(so_far)
            steps[name] = int(np.prod([stride for _, stride in so_far]))
ends = {"C2": "layer1.2", "C3": "layer2.3", "C4": "layer3.5", "C5": "layer4.2"}
sees = {name: fields[f"{block}.conv2"] for name, block in ends.items()}
print(sees)

# %% [markdown]
# Is that true of the network, or only of our arithmetic? Ask the network: take the cell in the middle of a map and
# compute how much it changes with each pixel of the photo. That is a gradient, and PyTorch gives it to us. A pixel with
# gradient 0 has no influence whatever.
#
# Before you run the next cell: will all pixels inside the square matter equally?


# %%
def influence(number):
    pixels = image.clone().requires_grad_()
    features = resnet50(pixels)[str(number)]
    middle = features.shape[-1] // 2
    features[0, :, middle, middle].sum().backward()
    return pixels.grad[0].abs().amax(dim=0)


seen = {f"C{number + 2}": influence(number).numpy() for number in range(4)}
backbone.influence(plate.image, seen, sees, centre=160)

# %%
for name in ("C2", "C3", "C4"):
    half = (sees[name] - 1) // 2
    inside = seen[name][160 - half : 161 + half, 160 - half : 161 + half].sum()
    print(f"{name}: influence from inside: {inside / seen[name].sum():.1%}")

# %% [markdown]
# Two things to remember. The arithmetic holds: no pixel outside matters at all. And within the square the middle
# matters most (Luo et al., 2016, call it the *effective* receptive field), because more paths lead there.
#
# So that is what the shrinking buys. A map of stride 32 has few cells, but those in the middle have seen the whole
# plate, and even one in the corner more than half of it. Walk through the layers yourself.

# %%
receptive(plate.image, [(name, fields[name], steps[name]) for name in fields])

# %%
width = int(plate.plate_mask.any(axis=0).sum())
wide = [name for name, side in fields.items() if side >= width / 2]
number = 1 + list(fields).index(wide[0])
print(f"The plate is {width} pixels wide. A cell sees half of that after {number} of {len(fields)}")
print(f"layers with a kernel larger than 1, behind {wide[0]}.")

# %% [markdown]
# ## Deeper ought to be better
#
# Wide fields need many layers. Around 2015 a riddle stood in the way: beyond some twenty layers, networks got *worse*,
# and not only on new photos, where one might suspect overfitting, but on the very photos they were trained on (He et
# al., 2016, figure 1).
#
# Our network is far too small for the whole of it, but its beginning can be seen. The task: for one plate, shrunk to 32
# x 32, say for each pixel whether it is food. Four networks: 6 layers and 32 layers, each of them plain, and once more
# with a change: after every second layer the input of the two is **added** to their output.
#
# Two smaller layers stand between the convolutions: the **ReLU** of lesson 03, and a **batch norm**, which brings each
# channel to mean 0 and spread 1, then to a scale and a shift that it learns.


# %%
def conv_and_norm():
    return [nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16)]


class Tower(nn.Module):
    """Pairs of 3x3 convolutions of 16 channels, with or without shortcuts."""

    def __init__(self, depth, shortcuts):
        super().__init__()
        self.shortcuts = shortcuts
        self.first, self.last = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 1, 1)
        self.pairs = nn.ModuleList(
            nn.Sequential(*conv_and_norm(), nn.ReLU(), *conv_and_norm())
            for _ in range(depth // 2)
        )

    def forward(self, x):
        x = self.first(x).relu()
        for pair in self.pairs:
            x = (x + pair(x) if self.shortcuts else pair(x)).relu()
        return self.last(x)


# %% [markdown]
# Training is the same for all of them: 100 steps down the gradient.

# %%
small = F.avg_pool2d(image, 10)
food = torch.tensor(plate.visible_masks.any(axis=0))[None, None].float()
food = (F.avg_pool2d(food, 10) > 0.5).float()


def losses(tower):
    optimizer = torch.optim.SGD(tower.parameters(), lr=0.02, momentum=0.9)
    for _ in range(100):
        loss = F.binary_cross_entropy_with_logits(tower(small), food)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


# %% [markdown]
# The deep network can do everything the shallow one can: let its extra layers hand their input on unchanged. Before you
# run the next cell: in which order will the four come down?

# %% uncompared="the numbers of a training differ from processor to processor"
curves = {}
for depth, shortcuts in [(6, False), (32, False), (6, True), (32, True)]:
    torch.manual_seed(2)
    kind = "with shortcuts" if shortcuts else "plain"
    curves[f"{depth} layers, {kind}"] = list(losses(Tower(depth, shortcuts)))
backbone.learning_curves(curves)
for name, values in curves.items():
    print(f"{name:26} below 0.1 after {int(np.argmax(np.array(values) < 0.1))} steps")

# %% [markdown]
# Plain, the deep network takes longer to get going than the shallow one; with shortcuts it is the other way round, and
# both are far ahead. (Try other seeds.) On so small a task the plain deep network catches up in the end; in the paper,
# with 56 layers against 20 and trained until nothing moved any more, it stayed behind. The better solution exists, but
# training finds it late or not at all: "do nothing" is hard to say with two convolutions and a ReLU. With a shortcut it
# is the easiest thing of all: let the layers say 0.
#
# That is the **residual block**: its layers learn $F(x)$, what to *change*, and the block gives $x + F(x)$. Here is the
# proof on a real block. Its last normalisation has a scale for each channel; set it to zero.

# %%
block = CourseBottleneck(256, 64, 1, nn.BatchNorm2d).eval()
nn.init.zeros_(block.bn3.weight)
x = maps["C2"]
with torch.no_grad():
    print("input and output are equal:", torch.equal(block(x), x))

# %% [markdown]
# (The input here is not negative, since a ReLU made it, so the ReLU at the end of the block leaves it alone.)

# %% [markdown]
# ## Three blocks
#
# All backbones of this lesson are stacks of one of these.

# %%
backbone.blocks()

# %% [markdown]
# - The **basic block** has two 3x3 convolutions. ResNet-18, on which the small model of this course rests, is made of
#   it.
# - The **bottleneck** (He et al., 2016) first squeezes the channels with a 1x1 convolution, which only mixes the
#   channels of each pixel, then does its 3x3 work on the few, and widens again with a 1x1. A 3x3 has nine times the
#   weights of a 1x1, so it pays to do it where channels are few.
# - **ResNeXt**'s block (Xie et al., 2017) has a wider middle, but its 3x3 is *grouped*.
#
# ### Exercise: the bottleneck
#
# Your first part of Mask R-CNN. Write the bottleneck as a network: three convolutions, a batch norm after each, ReLUs
# after the first two and after the sum. Mind two things: which of the convolutions takes the stride (in this course, as
# in torchvision, the 3x3), and when the shortcut needs a convolution of its own.
#
# The check gives your network the weights of another and compares what comes out, and the gradients. What you call its
# layers is up to you.


# %% exercise="bottleneck"
class Bottleneck(nn.Module):
    """Bottleneck(inputs, width, stride): 1x1 to `width` channels, 3x3, 1x1 to 4 * width.

    Convolutions without bias, each with an nn.BatchNorm2d behind it.
    """

    def __init__(self, inputs, width, stride):
        super().__init__()
        # BEGIN SOLUTION
        outputs = 4 * width
        self.squeeze = nn.Conv2d(inputs, width, 1, bias=False)
        self.look = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.widen = nn.Conv2d(width, outputs, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(n) for n in (width, width, outputs))
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            project = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(project, nn.BatchNorm2d(outputs))
        # END SOLUTION

    def forward(self, x):
        """(B, inputs, H, W) -> (B, 4 * width, H / stride, W / stride)."""
        # BEGIN SOLUTION
        y = F.relu(self.norms[0](self.squeeze(x)))
        y = F.relu(self.norms[1](self.look(y)))
        y = self.norms[2](self.widen(y))
        return F.relu(y + self.shortcut(x))
        # END SOLUTION


# %% check="bottleneck"
check("bottleneck", Bottleneck)

# %% [markdown]
# torchvision's ResNet-50 is its first convolution, a pooling, and sixteen of these. So let us replace all sixteen by
# yours, with torchvision's weights copied in. Before you run the next cell: after how many blocks will the two begin to
# differ?

# %%
theirs, block_of = models.resnet50().eval(), yours("bottleneck", Bottleneck)
with torch.no_grad():
    x = theirs.maxpool(theirs.relu(theirs.bn1(theirs.conv1(image))))
    as_theirs = x
    for stage in (theirs.layer1, theirs.layer2, theirs.layer3, theirs.layer4):
        for block in stage:
            mine = block_of(block.conv1.in_channels, block.conv1.out_channels, block.stride)
            weights_of.give_weights(block, mine, x)
            x, as_theirs = mine.eval()(x), block(as_theirs)
print("C5 of sixteen blocks of yours:", tuple(x.shape))
print("equal to torchvision's:", torch.allclose(x, as_theirs, rtol=1e-3, atol=1e-4))

# %% [markdown]
# After none: a ResNet-50 of your own. (Its sisters need one thing more.)

# %% [markdown]
# What is the *grouped* convolution of ResNeXt? The channels are dealt into groups, and each group minds its own
# business.

# %%
backbone.connections(channels=8, groups=4)

# %% [markdown]
# So it is nothing but several small convolutions side by side. The next cell does it in both ways and compares.

# %%
torch.manual_seed(0)
x = torch.rand(1, 8, 20, 20)
grouped = nn.Conv2d(8, 8, 3, padding=1, groups=4, bias=False)
parts = []
for k in (0, 2, 4, 6):
    parts.append(F.conv2d(x[:, k : k + 2], grouped.weight[k : k + 2], padding=1))
print("the same:", torch.allclose(grouped(x), torch.cat(parts, dim=1), atol=1e-6))
whole = nn.Conv2d(8, 8, 3)
print(f"weights: {tuple(grouped.weight.shape)} instead of {tuple(whole.weight.shape)}")

# %% [markdown]
# ## What does it cost?
#
# Two numbers describe the cost of a layer:
#
# - its **weights**, which must be stored and learned. (Convolutions in a backbone have no bias; the normalisation after
#   them does that work.)
# - its **multiply-adds**: how often a weight is multiplied with an input and added up. Each output pixel needs each
#   weight once.
#
# ### Exercise: cost of a convolution
#
# Give both numbers for any convolution, with groups or without.


# %% exercise="convolution-cost"
def convolution_cost(inputs, outputs, kernel, groups, size):
    """(weights, multiply-adds) of a convolution without bias, both whole numbers.

    inputs, outputs: channels; kernel: its side; groups: divides both numbers of
    channels; size: side of the square map that comes out.
    """
    # BEGIN SOLUTION
    reads = inputs // groups
    weights = outputs * reads * kernel * kernel
    return weights, weights * size * size
    # END SOLUTION


# %% check="convolution-cost"
check("convolution-cost", convolution_cost)

# %% [markdown]
# ## Why ResNeXt costs the same
#
# "32x4d" means: 32 groups of 4 channels each in the first stage, so 128 channels in the middle where ResNet has 64.
# Twice as wide! From stage to stage ResNet's inner width $w$ doubles, 64, 128, 256, 512. ResNeXt's does too; there are
# always 32 groups, and each of them becomes wider:
#
# $$ \text{inner width} = 32 \cdot 4 \cdot \frac{w}{64} = 2 w . $$
#
# Now the three blocks that follow the first one in the first stage: ResNet's, ResNeXt's with groups of 4, and with
# groups of 8. Before you run the next cell: the second is twice as wide as the first. How much dearer is it? And the
# third?

# %%
costs = {}
for name in ("resnet50", "resnext50_32x4d", "resnext101_32x8d"):
    recipe = {k: v for k, v in PAPER_BACKBONES[name].items() if k != "depth"}
    block = CourseBottleneck(256, 64, 1, nn.BatchNorm2d, **recipe)
    layers = (block.conv1, block.conv2, block.conv3)
    costs[name] = [layer.weight.numel() for layer in layers]
backbone.block_costs(costs, ["1x1 down", "3x3", "1x1 up"])

# %% [markdown]
# Groups make the 3x3 so cheap that the saved weights pay for a middle of double width. Is that better, at **equal
# cost**? Xie et al. measured it on ImageNet (2017, table 3), with networks as dear as ResNet-50: of a hundred photos
# 23.9 were named wrongly without groups, and 22.2 with 32 of them. With groups of 8 the middle is wider still, and that
# is no longer paid for: 32x8d is simply a larger network.
#
# In the deck's results a ResNeXt-101 is the best backbone. Which one it does not say; torchvision's has 32x8d. Of equal
# cost with ResNet-101 would be 32x4d. So when a ResNeXt-101 wins, ask how many weights it has.

# %% [markdown]
# ## Four backbones in one table
#
# *ResNet dan ResNeXt dengan kedalaman 50 dan 101 layer* (ResNet and ResNeXt with a depth of 50 and 101 layers). In
# torchvision they differ in three things only:

# %%
print(f"{'':18}{'blocks per stage':20}{'groups':8}group width")
for name, recipe in RECIPES.items():
    print(f"{name:18}{recipe.blocks!s:20}{recipe.groups:<8}{recipe.group_width}")

# %% [markdown]
# Where do 50 and 101 come from? Count: one first convolution, three in each block, and one classifier at the end, which
# a detector throws away.
#
# The next cell lists all convolutions of each for a photo of 320 x 320, as rows of exactly the numbers that your
# `convolution_cost` takes: `(inputs, outputs, kernel, groups, size)`. There are a few more than you counted: the
# shortcuts that need a convolution of their own.

# %%
rows_of = {name: convolutions(name, 320) for name in RECIPES}
for name, rows in rows_of.items():
    print(f"{name:18}{len(rows):4d} convolutions, the second: {rows[1]}")

# %% [markdown]
# Add up what your function says about the rows of each. One thing comes on top: each convolution is followed by a
# **normalisation**, which has two parameters for each channel that comes out, a scale and a shift. (Its multiply-adds
# can be folded into the convolution, so they do not count.)
#
# And the real networks? (They are made on PyTorch's *meta* device, on which tensors have shapes but no numbers; so even
# the largest costs no memory.) Before you run the next cell: how far off will pencil arithmetic be?

# %%
cost_of = yours("convolution-cost", convolution_cost)
print(f"{'':18}{'parameters':>12}{'counted':>12}   multiply-adds")
for name, rows in rows_of.items():
    costs = [cost_of(*row) for row in rows]
    parameters = sum(weights + 2 * row[1] for (weights, _), row in zip(costs, rows))
    adds = sum(adds for _, adds in costs)
    with torch.device("meta"):
        network = ResNet(**PAPER_BACKBONES[name])
    counted = sum(p.numel() for p in network.parameters())
    print(f"{name:18}{parameters:12,}{counted:12,}{adds / 1e9:13.1f} billion")

# %% [markdown]
# Not by a single weight.

# %% [markdown]
# ## Other backbones
#
# *Tidak menutup kemungkinan bahwa terdapat arsitektur lain*, says the deck: other architectures are not ruled out. Any
# network will do that gives maps at several strides. **MobileNetV3** (Howard et al., 2019) is made for telephones. It
# takes groups to the end: as many groups as channels, so that each 3x3 or 5x5 reads one single channel (a *depthwise*
# convolution), and leaves all mixing to 1x1 convolutions. torchvision can cut the maps out of any of its networks: you
# name the layers.

# %%
layers = {f"features.{k}": name for k, name in zip((3, 6, 12, 16), maps)}
mobilenet = models.mobilenet_v3_large(weights=None).eval()
with torch.no_grad():
    for name, features in create_feature_extractor(mobilenet, layers)(image).items():
        print(name, tuple(features.shape))
print(f"{sum(p.numel() for p in mobilenet.features.parameters()):,} parameters")

# %% [markdown]
# The strides are the same, the channels are fewer, and it has an eighth of ResNet-50's weights.
#
# A full 3x3 convolution does two things at once: it looks around, and it mixes channels. From $c$ channels to $c$
# channels that takes $9 c^2$ weights. Done one after the other, depthwise and then 1x1 (*pointwise*), it takes only
# $9 c + c^2$. Where looking around is so cheap, nobody has to squeeze the channels before it. MobileNetV2 (Sandler et
# al., 2018) therefore turned the bottleneck inside out: the 1x1 **widens**, sixfold, the depthwise layer looks around,
# the last 1x1 **narrows**, and the shortcut joins the narrow ends. That is the **inverted bottleneck**, and MobileNetV3
# is made of it, too.
#
# So is **EfficientNet-Lite0** (Tan and Le, 2019), this course's profile `lite0`. The next two cells note every
# convolution that the plate passes, as one of your rows, and hand the rows to your function. Before you run them:
# ResNet-50 has 53 convolutions and 23.5 million parameters. This one has 48 convolutions. How many parameters, and
# which kind of layer has most of the work?

# %%
lite0, rows_of["lite0"] = EfficientNetLite0().eval(), []


def note(layer, _, out):
    row = (layer.in_channels, layer.out_channels, layer.kernel_size[0], layer.groups)
    rows_of["lite0"].append((*row, out.shape[-1]))


for layer in lite0.modules():
    if isinstance(layer, nn.Conv2d):
        layer.register_forward_hook(note)
with torch.no_grad():
    for (name, large), features in zip(maps.items(), lite0(image).values()):
        print(f"{name}  resnet50 {tuple(large.shape)!s:18}  lite0 {tuple(features.shape)}")

# %%
print(f"{'':10}layers  parameters   multiply-adds   of these in kernels larger than 1x1")
for name in ("resnet50", "lite0"):
    costs = [cost_of(*row) for row in rows_of[name]]
    parameters = sum(weights + 2 * row[1] for (weights, _), row in zip(costs, rows_of[name]))
    adds = sum(adds for _, adds in costs)
    looking = sum(adds for (_, adds), row in zip(costs, rows_of[name]) if row[2] > 1)
    print(f"{name:10}{len(costs):6}{parameters:12,}{adds / 1e9:8.2f} billion{looking / adds:8.0%}")

# %% [markdown]
# An eighth of the parameters and less than a tenth of the work, for maps of the same sizes; and nearly nine tenths of
# that is mixing, by 1x1. The pyramid of lesson 06 will take either: it only has to be told how many channels come in.
#
# Which one should you take? More is better, but only if you can train it. These networks are not trained from nothing:
# one begins with weights that learned a million photos (ImageNet) and trains on from there. Those of `lite0` came with
# the course; what they are worth you will see in lesson 15.
#
# (One more word that you will meet: in detectors the batch norms are often **frozen**. They keep the means and spreads
# that they had measured on ImageNet, since a batch of two large photos is too small to measure any.)

# %% [markdown]
# ## What you now know
#
# - A backbone gives one map per stage, C2 to C5, of strides 4 to 32: fewer pixels, more channels.
# - Output size: at how many places can the window stand? Receptive field: each layer adds $(k - 1)$ steps, and strides
#   lengthen the step.
# - A residual block gives $x + F(x)$, so that "change nothing" is easy, and a hundred layers can be trained.
# - A bottleneck does the 3x3 where channels are few. ResNeXt groups the 3x3 and spends what it saved on width.
# - ResNet and ResNeXt with 50 layers cost the same; 101 layers double that, and 32x8d doubles it again.
#
# ## Test yourself
#
# 1. A map is 25 pixels wide. A 3x3 convolution of stride 2 with padding 1 follows. How wide is its output?
# 2. Which sees more of the photo: three 3x3 layers of stride 1, or one 7x7?
# 3. A ResNet-101 has far more layers than a ResNet-50. Why is its C5 not smaller?
#
# <details><summary>Answers</summary>
#
# 1. $\lfloor (25 + 2 - 3) / 2 \rfloor + 1 = 13$.
# 2. Both see 7 x 7. But three 3x3 kernels have fewer weights, and two more ReLUs.
# 3. Only strides shrink a map, and both have the same five. The additional blocks have stride 1.
#
# </details>
#
# ## Read more
#
# - K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016: figure 1 is the riddle,
#   figure 5 the two blocks.
# - S. Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017: ResNeXt, and what
#   "cardinality" buys (table 3).
# - V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016: every case of output size,
#   drawn.
# - W. Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", NeurIPS 2016.
# - A. Howard et al., "Searching for MobileNetV3", ICCV 2019.
# - M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
# - M. Tan, Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019.
#
# **Next**: [06 · The feature pyramid](06_feature_pyramid.ipynb)
