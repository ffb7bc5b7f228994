"""All that looks at painted faces alone: who it is, what it expresses, how it is lit, whether it could be painted."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from portraitify.data.batches import PAINTED_FACE, Batch
from portraitify.models.discriminator import Discriminator, hinge_discriminator, hinge_generator
from portraitify.training import face_losses
from portraitify.training.aligned_faces import how_far_seen, look_at
from portraitify.training.augmentation import at_one_colour, augment
from portraitify.training.losses import luminance, without_colour


@dataclass(frozen=True)
class FaceJudges:
    """Networks that look at faces.

    Attributes:
        trunk: frozen features for the discriminator.
        recogniser: frozen, gives descriptors of faces; without one, likeness is left to the other terms.
        mesh: frozen, gives the points of faces; None as above.
    """

    trunk: nn.Module
    recogniser: nn.Module | None = None
    mesh: nn.Module | None = None

    def terms(
        self, batch: Batch, fake_image: Tensor, discriminator: Discriminator, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """Unweighted losses of painted faces by name.

        Args:
            batch: of photos and paintings.
            fake_image: ``(B, 3, H, W)`` in -1 to 1, what was painted.
            discriminator: of faces; its weights get no gradient.
            rng: on the device of the batch.
        """
        photo, painting = batch.photo, batch.painting
        # A drawing cannot have the photo's colours.
        shown = without_colour(photo.image, batch.style_index)
        terms = {
            "faces": self._as_painted(batch, fake_image, discriminator, rng),
            "light": face_losses.light_loss(
                luminance(fake_image),
                luminance(photo.image),
                luminance(painting.image),
                photo.face * photo.valid,
                painting.face * painting.valid,
                batch.photo_squares,
                batch.painting_squares,
            ),
        }
        if self.recogniser is not None:
            terms["identity"] = face_losses.identity_loss(self.recogniser, fake_image, shown, batch.photo_squares)
        if self.mesh is not None:
            terms["features"] = face_losses.features_loss(self.mesh, fake_image, photo.image, batch.photo_squares)
        return terms

    def _as_painted(
        self, batch: Batch, fake_image: Tensor, discriminator: Discriminator, rng: torch.Generator
    ) -> Tensor:
        seen = how_far_seen(batch.photo_squares, PAINTED_FACE, fake_image.shape[2:])
        discriminator.requires_grad_(False)
        logits = self._judged(look_at(fake_image, batch.photo_squares, PAINTED_FACE), batch, discriminator, rng)
        discriminator.requires_grad_(True)
        return hinge_generator([seen[:, None] * x for x in logits])

    def discriminator_loss(
        self, batch: Batch, fake_image: Tensor, discriminator: Discriminator, others: Tensor, rng: torch.Generator
    ) -> Tensor:
        """What the discriminator of faces gets wrong.

        Args:
            batch: of photos and paintings.
            fake_image: what was painted, without gradient.
            discriminator: of faces.
            others: ``(B,)`` for each painting a style that is not its own.
            rng: on the device of the batch.
        """
        fake_faces = look_at(fake_image, batch.photo_squares, PAINTED_FACE)
        real = self._judged(batch.faces, batch, discriminator, rng)
        fake = self._judged(fake_faces, batch, discriminator, rng)
        mismatched = self._judged(batch.faces, batch, discriminator, rng, others)
        return hinge_discriminator(real, fake, mismatched)

    def _judged(
        self,
        faces: Tensor,
        batch: Batch,
        discriminator: Discriminator,
        rng: torch.Generator,
        styles: Tensor | None = None,
    ) -> list[Tensor]:
        faces = augment(at_one_colour(faces), rng)
        logits = discriminator(faces, self.trunk(faces), batch.style_index if styles is None else styles)
        return [x.float() for x in logits]
