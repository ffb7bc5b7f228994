import pytest
import torch

from portraitify.models.classifier import StyleClassifier
from portraitify.models.discriminator import MISMATCHED_SHARE, Discriminator, hinge_discriminator, hinge_generator
from portraitify.models.generator import Generator
from portraitify.models.style_encoder import StyleEncoder, region_statistics
from portraitify.models.subject_mask import SubjectMask


def small_generator() -> Generator:
    torch.manual_seed(0)
    return Generator(code_size=8, channels=(4, 6, 8), blocks=2)


@pytest.mark.parametrize("size", [(32, 32), (48, 80)])
def test_generator_keeps_the_size_and_the_range(size):
    painted = small_generator()(
        torch.randn(2, 3, *size),
        torch.rand(2, 1, 8, 8),
        torch.randn(2, 8),
        torch.randn(1, 1, size[0] // 2, size[1] // 2),
    )
    assert painted.shape == (2, 3, *size)
    assert painted.abs().max() <= 1


def test_generator_refuses_sizes_that_do_not_divide():
    with pytest.raises(ValueError, match="multiples of 16"):
        small_generator()(
            torch.zeros(1, 3, 40, 32), torch.zeros(1, 1, 8, 8), torch.zeros(1, 8), torch.zeros(1, 1, 20, 16)
        )


def test_gradients_reach_every_parameter_of_the_generator():
    generator = small_generator()
    painted = generator(torch.randn(2, 3, 32, 32), torch.rand(2, 1, 8, 8), torch.randn(2, 8), torch.randn(2, 1, 16, 16))
    painted.square().mean().backward()
    for name, parameter in generator.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_a_pixel_depends_on_its_surroundings_only():
    generator = small_generator().double()
    photo = torch.randn(1, 3, 192, 64, dtype=torch.float64)
    mask, code = torch.rand(1, 1, 192, 64, dtype=torch.float64), torch.randn(1, 8, dtype=torch.float64)
    noise = torch.randn(1, 1, 96, 32, dtype=torch.float64)
    whole = generator(photo, mask, code, noise)
    part = generator(photo[:, :, :128], mask[:, :, :128], code, noise[:, :, :64])
    assert torch.allclose(whole[:, :, :48], part[:, :, :48], atol=1e-9)


def test_codes_change_the_painting():
    generator = small_generator()
    photo, mask = torch.randn(1, 3, 32, 32), torch.ones(1, 1, 8, 8)
    noise = torch.randn(1, 1, 16, 16)
    first, second = (generator(photo, mask, torch.randn(1, 8), noise) for _ in range(2))
    assert (first - second).abs().mean() > 1e-3


def test_noise_gives_flat_places_a_surface():
    generator = small_generator()
    flat, mask, code = torch.zeros(1, 3, 256, 256), torch.ones(1, 1, 8, 8), torch.randn(1, 8)
    # In the middle, where the zeros that pad the border do not reach.
    middle = (..., slice(120, 136), slice(120, 136))
    smooth = generator(flat, mask, code, torch.zeros(1, 1, 128, 128))[middle]
    rough = generator(flat, mask, code, torch.randn(1, 1, 128, 128))[middle]
    assert smooth.std((2, 3)).max() < 1e-5
    assert rough.std((2, 3)).min() > 1e-3


def test_the_mask_takes_crops_of_any_size():
    network = SubjectMask(channels=(4, 4, 8, 8), input_px=32)
    mask = network.find(torch.randn(2, 3, 96, 96))
    assert mask.shape == (2, 1, 96, 96)
    assert mask.min() >= 0
    assert mask.max() <= 1
    network(torch.randn(2, 3, 32, 32)).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name


def test_region_statistics_of_a_known_field():
    features = torch.zeros(1, 1, 2, 4)
    features[..., :2], features[0, 0, 0, 2:] = 3.0, 2.0
    left, right = torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 2, 4)
    left[..., :2], right[..., 2:] = 1, 1
    assert torch.allclose(region_statistics(features, left), torch.tensor([[3.0, 0.001]]), atol=1e-3)
    assert torch.allclose(region_statistics(features, right), torch.tensor([[1.0, 1.0]]), atol=1e-3)
    assert torch.isfinite(region_statistics(features, torch.zeros(1, 1, 2, 4))).all()


def test_style_codes_have_unit_mean_square():
    codes = StyleEncoder(20, 4, 8)(torch.randn(5, 20), torch.tensor([0, 1, 2, 3, 0]))
    assert torch.allclose(codes.square().mean(1), torch.ones(5), atol=1e-3)


def test_gradients_reach_every_parameter_of_the_discriminator():
    discriminator = Discriminator((6, 8), 4, width=8)
    maps = [torch.randn(4, 6, 8, 8), torch.randn(4, 8, 4, 4)]
    logits = discriminator(torch.randn(4, 3, 32, 32), maps, torch.arange(4))
    assert [tuple(x.shape) for x in logits] == [(4, 64), (4, 16), (4, 64)]
    nothing = [x * 0 for x in logits]
    hinge_discriminator(logits, nothing, nothing).backward()
    for name, parameter in discriminator.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_hinge_losses_by_hand():
    real, fake = [torch.tensor([[2.0, 0.5]])], [torch.tensor([[-2.0, 0.0]])]
    mismatched = [torch.tensor([[1.0, -3.0]])]
    wanted = 0.25 + (1 - MISMATCHED_SHARE) * 0.5 + MISMATCHED_SHARE * 1.0
    assert hinge_discriminator(real, fake, mismatched).item() == pytest.approx(wanted)
    assert hinge_generator(fake).item() == pytest.approx(1.0)


def test_classifier_takes_any_size_and_saves_its_calibration():
    network = StyleClassifier(channels=(4, 4, 6, 6), input_px=32).eval()
    assert network(torch.randn(2, 3, 50, 70)).shape == (2, 4)
    with torch.no_grad():
        network.photo_out.bias.add_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    other = StyleClassifier(channels=(4, 4, 6, 6), input_px=32).eval()
    other.load_state_dict(network.state_dict())
    x = torch.randn(1, 3, 32, 32)
    assert torch.equal(network(x), other(x))
    assert torch.allclose(network(x), network(x.flip(3)), atol=1e-6)
    assert not torch.allclose(network(x), network.painting_logits(x))
