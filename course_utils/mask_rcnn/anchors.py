"""Anchors: boxes of fixed sizes and shapes, from which every proposal starts (Ren et al. 2015, 3.1)."""

from collections.abc import Sequence

import torch
from torch import Tensor


def cell_anchors(sizes: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Anchors of one grid cell, around the origin: ``(len(ratios) * len(sizes), 4)``.

    An anchor of size s and ratio r has area s^2 and height / width = r. The corners are rounded to whole
    pixels, as in torchvision; detectron2 does not round.

    Args:
        sizes: square roots of the areas, in pixels of the network's input.
        ratios: height over width. All sizes of the first ratio come first.
    """
    sides, stretch = torch.as_tensor(sizes, dtype=torch.float32), torch.as_tensor(ratios, dtype=torch.float32)
    stretch = stretch.sqrt()[:, None]
    heights = (stretch * sides).flatten()
    widths = (1 / stretch * sides).flatten()
    return (torch.stack([-widths, -heights, widths, heights], dim=1) / 2).round()


def grid_anchors(cell: Tensor, grid: tuple[int, int], stride: tuple[int, int]) -> Tensor:
    """The cell's anchors at every cell of a feature map: ``(A, 4) -> (rows * columns * A, 4)``, row by row.

    The anchors of cell (row, column) are centred on the *corner* of that cell, ``(column * stride, row *
    stride)``: there is no shift by half a cell (detectron2 has the same default).

    Args:
        cell: from `cell_anchors`.
        grid: rows and columns of the map.
        stride: how many pixels of the input one row and one column stand for.
    """
    y = torch.arange(grid[0], device=cell.device) * stride[0]
    x = torch.arange(grid[1], device=cell.device) * stride[1]
    y, x = torch.meshgrid(y, x, indexing="ij")
    shifts = torch.stack([x, y, x, y], dim=-1).reshape(-1, 1, 4)
    return (shifts + cell).reshape(-1, 4)


def pyramid_anchors(
    maps: Sequence[Tensor],
    image_size: tuple[int, int],
    sizes: Sequence[Sequence[float]],
    ratios: Sequence[float],
) -> list[Tensor]:
    """Anchors of every level of a pyramid.

    Args:
        maps: one ``(B, C, H_k, W_k)`` per level; only their sizes matter.
        image_size: height and width of the padded input of the network.
        sizes: for each level, the sizes of its anchors.
        ratios: height over width, the same for all levels.

    Returns:
        One ``(H_k * W_k * A, 4)`` float32 tensor per level, on the maps' device.
    """
    levels = []
    for level, level_sizes in zip(maps, sizes, strict=True):
        rows, columns = level.shape[-2:]
        cell = cell_anchors(level_sizes, ratios).to(level.device)
        levels.append(level_anchors(cell, (rows, columns), image_size))
    return levels


def level_anchors(cell: Tensor, grid: tuple[int, int], image_size: tuple[int, int]) -> Tensor:
    """`grid_anchors` of a map of ``grid`` cells that stands for an image of ``image_size``."""
    return grid_anchors(cell, grid, (image_size[0] // grid[0], image_size[1] // grid[1]))
