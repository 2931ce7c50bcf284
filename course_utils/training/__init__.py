"""Training of the course's Mask R-CNN: settings, augmentation, schedule, loop, checkpoints, evaluation.

Start with `loop.Run.train`; the command is ``course train``.
"""
