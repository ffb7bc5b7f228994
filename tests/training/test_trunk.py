"""What networks take from the trunk."""

import torch

from portraitify.engines.torch_engine import build
from portraitify.models.trunk import Trunk
from portraitify.training.trunk import untaught_mask
from portraitify.weights import WeightsFolder, default_folder


def test_an_untaught_mask_knows_what_the_trunk_knows():
    shipped = build(Trunk, WeightsFolder(default_folder()), "trunk").state_dict()
    untaught = untaught_mask(3).trunk.state_dict()
    assert untaught.keys() == shipped.keys()
    assert all(torch.equal(untaught[name], tensor) for name, tensor in shipped.items())


def test_two_of_one_seed_are_equal():
    first, second, third = (untaught_mask(seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[name], tensor) for name, tensor in second.items())
    assert not torch.equal(first["out.weight"], third["out.weight"])
