"""One core is enough for these sizes, and results do not depend on how a sum is split."""

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)
