"""A readable Mask R-CNN (He et al. 2017), one file per part, equal to torchvision's at every stage.

Read in this order: `backbone`, `fpn`, `anchors`, `rpn`, `roi_align`, `heads`, `roi_heads`, `losses`,
`postprocess`, `model`. Ready models are in `profiles`; `parity` compares every stage with torchvision.
"""
