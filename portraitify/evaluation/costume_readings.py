"""What is read off a sitter in a master's picture; no picture is kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from portraitify.costume.finishing import finish_dressed
from portraitify.costume.fitting import Fit
from portraitify.costume.head import Head, head_of
from portraitify.costume.library import MasterLibrary
from portraitify.costume.mirroring import mirrored
from portraitify.costume.wardrobe import Wardrobe
from portraitify.errors import NoFaceError
from portraitify.evaluation.costume_result import CostumeResult, cut_around
from portraitify.evaluation.identity import FaceReader, FaceReading
from portraitify.evaluation.sitters import Sitter
from portraitify.evaluation.skin_samples import lit_as, mean_at, points_within, skin_points
from portraitify.evaluation.smile import SmileModel, mouth_is_seen
from portraitify.faces.aligned_face import AlignedFace
from portraitify.faces.face_mesh import FaceGeometry, meshes_of
from portraitify.faces.search import find_faces
from portraitify.imaging.color_difference import ciede2000, typology_angle
from portraitify.media.registry import medium_of
from portraitify.pipeline import Portraitist
from portraitify.results import Sketch

NAN = float("nan")
# Of the 68 landmarks: the jaw is too vague to be compared, and the eyes give the measure.
_INNER, _EYES = slice(17, 68), (slice(36, 42), slice(42, 48))
# How much larger or smaller than it was put a face may be found, and how far away, in distances between the eyes.
_RIGHT_SIZE, _RIGHT_PLACE = 1.25, 0.5
# Number of the mesh's point at the tip of the nose, and what of a master's picture shows the face, in its heights.
_NOSE, _MASTER_SHOWN = 1, 1.0
# The least skin of a neck that the photo must show, in points.
_LEAST_NECK = 60


@dataclass(frozen=True)
class CostumeReading:
    """What was measured of one sitter; NaN and None are what could not be.

    Attributes:
        file: the photo's name in the data.
        yaw: how far the head is turned aside, degrees; NaN where no mesh is seen.
        complete: 0 to 1, how much of head and hair the photo shows; likewise.
        skin_angle: typology angle of the photo's skin, degrees.
        master: name of the picture, empty where none fits.
        score: 0 to 1, how well it fits.
        why: why none fits.
        photo_face: whether the recogniser finds the face in the photo.
        result_face: whether it finds it in the result.
        distance: of the result's descriptor from the photo's.
        master_distance: of the result's descriptor from that of the master's own sitter.
        photo_master_distance: of the photo's descriptor from that.
        lightness: L* of the face's skin less that of the same skin in the photo.
        neck: CIEDE2000 between neck and face.
        neck_unshaded: the same as if the neck were lit as the face is.
        photo_neck: CIEDE2000 between neck and face in the photo, where it shows a neck.
        photo_neck_unshaded: the same as if the neck were lit as the face is.
        photo_smiles: whether the sitter smiles in the photo.
        smiles: whether the sitter smiles in the result.
        outline_error: median distance of inner landmarks from where they were put, in distances between the eyes,
            by the recogniser's outline.
        mesh_error: the same by the product's own mesh.
        faces: how many the product's own detector finds in the result.
        one_face: whether that is one, of about the right size and in its place.
    """

    file: str
    yaw: float = NAN
    complete: float = NAN
    skin_angle: float = NAN
    master: str = ""
    score: float = NAN
    why: str = ""
    photo_face: bool | None = None
    result_face: bool | None = None
    distance: float = NAN
    master_distance: float = NAN
    photo_master_distance: float = NAN
    lightness: float = NAN
    neck: float = NAN
    neck_unshaded: float = NAN
    photo_neck: float = NAN
    photo_neck_unshaded: float = NAN
    photo_smiles: bool | None = None
    smiles: bool | None = None
    outline_error: float = NAN
    mesh_error: float = NAN
    faces: int = 0
    one_face: bool = False

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> CostumeReading:
        """From plain values, of which numbers that were not measured are None."""
        usual = vars(cls(""))
        return cls(**{name: usual[name] if value is None else value for name, value in record.items()})


@dataclass(frozen=True)
class CostumeExaminer:
    """Takes one sitter after the other.

    Attributes:
        portraitist: the product, set to dress sitters.
        wardrobe: as its own; sitters are dressed with it, so that it is known where.
        library: the masters' pictures.
        faces: reads identities; None where that is not installed.
        smile: decides who smiles; None where it is not known.
    """

    portraitist: Portraitist
    wardrobe: Wardrobe
    library: MasterLibrary
    faces: FaceReader | None = None
    smile: SmileModel | None = None
    _masters: dict[tuple[str, bool], np.ndarray | None] = field(default_factory=dict)

    def examine(self, sitter: Sitter, name: str) -> CostumeReading:
        """Dress a sitter and measure everything; of whom nothing fits only why, without finishing the painting."""
        face = self.portraitist.with_meshes(sitter.face)
        (sketch,) = self.portraitist.sketch([face])
        # The choice has the head of those only who are dressed.
        head = (sketch.costume.head or head_of(face, sketch.mask)) if len(face.meshes) else None
        points = skin_points(face.pixels, sketch.mask, face.landmarks)
        skin_lab = mean_at(face.pixels, points)
        reading = CostumeReading(
            name,
            yaw=FaceGeometry(face.meshes[0], 0.0).pose.yaw if len(face.meshes) else NAN,
            complete=head.complete if head else NAN,
            skin_angle=float(typology_angle(skin_lab)),
            why=sketch.costume.why,
        )
        if sketch.costume.fit is None or head is None:
            return reading
        result = self.dressed(sketch, face)
        fit = sketch.costume.fit
        return replace(
            reading,
            master=fit.entry.name,
            score=fit.score,
            **_skin(result, points, head),
            **self._person(result, sitter, fit),
            **self._places(result),
        )

    def dressed(self, sketch: Sketch, face: AlignedFace) -> CostumeResult:
        """The painting that `Portraitist.finish` makes of a sketch with a costume, and how it came about."""
        sitter, medium = sketch.sitter, medium_of(sketch.reference.style)
        dressed = self.wardrobe.dress(sketch.painted, sitter, sketch.costume)
        return CostumeResult(
            face, dressed, finish_dressed(dressed, sitter, medium, self.portraitist.config, sketch.seed)
        )

    def _person(self, result: CostumeResult, sitter: Sitter, fit: Fit) -> dict[str, Any]:
        """Who is seen, whether they smile, and where the recogniser sees their features."""
        if self.faces is None:
            return {}
        photo = self.faces.read(result.face.pixels, result.face.landmarks[2])
        shown, corner = result.around_face()
        found = self.faces.read(shown, result.landmarks[2] - corner)
        master = self._master_descriptor(fit)
        said: dict[str, Any] = {
            "photo_face": photo is not None,
            "result_face": found is not None,
            "distance": _distance(_descriptor(photo), _descriptor(found)),
            "master_distance": _distance(_descriptor(found), master),
            "photo_master_distance": _distance(_descriptor(photo), master),
        }
        if self.smile and mouth_is_seen(sitter.masks[..., 1], sitter.landmarks):
            said["photo_smiles"] = self.smile.smiles(photo.points) if photo else None
            said["smiles"] = self.smile.smiles(found.points) if found else None
        if photo and found:
            put = result.put(photo.points)
            eyes_px = float(np.linalg.norm(put[_EYES[1]].mean(0) - put[_EYES[0]].mean(0)))
            said["outline_error"] = _apart(found.points[_INNER] + corner, put[_INNER], eyes_px)
        return said

    def _places(self, result: CostumeResult) -> dict[str, Any]:
        """Where the product's own networks see the face."""
        engine, put, eyes_px = self.portraitist.engine, result.landmarks, result.eyes_px
        said: dict[str, Any] = {}
        meshes = meshes_of(engine.face_mesh, result.pixels, put[None])
        if len(meshes):
            said["mesh_error"] = _apart(meshes[0][:, :2], result.put(result.face.meshes[0]), eyes_px)
        try:
            found = find_faces(engine.detector, engine.face_mesh, result.pixels)
        except NoFaceError:
            return said
        first = found.landmarks[0]
        ratio = float(np.linalg.norm(first[1] - first[0])) / eyes_px
        away = float(np.linalg.norm(first.mean(0) - put.mean(0))) / eyes_px
        right = found.quarter_turns == 0 and 1 / _RIGHT_SIZE <= ratio <= _RIGHT_SIZE and away <= _RIGHT_PLACE
        return said | {"faces": len(found), "one_face": right and len(found) == 1}

    def _master_descriptor(self, fit: Fit) -> np.ndarray | None:
        """Of the master's own sitter, mirrored as the picture is."""
        assert self.faces is not None
        key = fit.entry.name, fit.mirrored
        if key not in self._masters:
            master = self.library.load(fit.entry.name)
            master = mirrored(master) if fit.mirrored else master
            reach = _MASTER_SHOWN * float(np.ptp(master.mesh[:, 1]))
            shown, corner = cut_around(master.picture, master.mesh[:, :2].mean(0), reach)
            self._masters[key] = _descriptor(self.faces.read(shown, master.mesh[_NOSE, :2] - corner))
        return self._masters[key]


def _skin(result: CostumeResult, points: np.ndarray, head: Head) -> dict[str, Any]:
    """The same skin of the face in photo and result, and the neck beside it."""
    points = result.uncovered(points)
    photo, shown = mean_at(result.face.pixels, points), mean_at(result.pixels, result.put(points))
    neck = mean_at(result.pixels, result.neck_points())
    own = points_within(head.neck)
    photo_neck = mean_at(result.face.pixels, own if len(own) >= _LEAST_NECK else own[:0])
    return {
        "lightness": float(shown[0] - photo[0]),
        "neck": float(ciede2000(neck, shown)),
        "neck_unshaded": float(ciede2000(lit_as(neck, shown), shown)),
        "photo_neck": float(ciede2000(photo_neck, photo)),
        "photo_neck_unshaded": float(ciede2000(lit_as(photo_neck, photo), photo)),
    }


def _descriptor(reading: FaceReading | None) -> np.ndarray | None:
    return None if reading is None else reading.descriptor


def _distance(first: np.ndarray | None, second: np.ndarray | None) -> float:
    return NAN if first is None or second is None else float(np.linalg.norm(first - second))


def _apart(found: np.ndarray, put: np.ndarray, eyes_px: float) -> float:
    """Median distance of points ``(N, 2)``, in distances between the eyes."""
    return float(np.median(np.linalg.norm(found - put, axis=1))) / max(eyes_px, 1e-6)
