import numpy as np
import pytest

from portraitify.config import ASPECTS, CROPS, PaintConfig
from portraitify.faces.alignment import FACE_TEMPLATE
from portraitify.faces.cropping import (
    VIEW_IODS,
    VIEW_PX,
    align_face,
    align_whole,
    aspect_ratio,
    fade_at_edges,
    find_surroundings,
    head_views,
)
from portraitify.faces.detection import Faces
from portraitify.faces.framing import (
    MOST_TILT,
    SCOUT_LEFT,
    SCOUT_PX,
    SCOUT_SIDE,
    SCOUT_TOP,
    Surroundings,
    compose,
    find_head,
    unit_matrix,
    whole_photo,
)
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow

UNIT = 60.0
HEAD = (-1.2, -1.7, 1.2, 1.9)


def face(centre, angle=0.0, unit=UNIT):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return FACE_TEMPLATE * unit @ turn.T + np.asarray(centre, float)


def subject_mask(*boxes):
    """A mask on the square that is looked at, of boxes in units."""
    ticks = (np.arange(SCOUT_PX) + 0.5) / SCOUT_PX * SCOUT_SIDE
    x, y = ticks + SCOUT_LEFT, ticks[:, None] + SCOUT_TOP
    mask = np.zeros((SCOUT_PX, SCOUT_PX), np.float32)
    for left, top, right, bottom in boxes:
        mask[(x >= left) & (x <= right) & (y >= top) & (y <= bottom)] = 1
    return mask


def around(width, height, eyes, *boxes):
    """A photo with level eyes at a point, and with a sitter of boxes in units."""
    return Surroundings(
        unit_matrix(face(eyes), 1.0), subject_mask(*(boxes or (HEAD, (-2.6, 1.9, 2.6, 5)))), width, height
    )


def kept(place):
    """Left, top, right and bottom of what is kept, in units."""
    side, (left, top, right, bottom) = place.crop.size_px, place.window.box(place.crop.size_px)
    unit = place.crop.iod * side
    origin = place.crop.matrix[:, :2] @ EYES + place.crop.matrix[:, 2]
    return (left - origin[0]) / unit, (top - origin[1]) / unit, (right - origin[0]) / unit, (bottom - origin[1]) / unit


EYES = np.array([1000.0, 800.0])


def test_a_roomy_photo_gets_head_and_shoulders():
    place = compose(around(2000, 2000, EYES), "portrait", 1.0, 512)
    assert place.crop.coverage == 1.0
    assert 0.16 < place.crop.iod < 0.20
    left, top, right, bottom = kept(place)
    assert left == pytest.approx(-right, abs=0.02)
    assert top < HEAD[1]
    assert bottom > 2.5


def test_a_face_crop_is_tighter_and_keeps_the_head():
    place = compose(around(2000, 2000, EYES), "face", 1.0, 512)
    assert place.crop.iod > 0.22
    left, top, right, bottom = kept(place)
    assert left < HEAD[0]
    assert top < HEAD[1]
    assert right > HEAD[2]
    assert bottom > HEAD[3]


@pytest.mark.parametrize("top", [-2.6, -3.4])
def test_a_high_hat_is_not_cut(top):
    hat = (-1.4, top, 1.4, 0)
    place = compose(around(2000, 2000, EYES, HEAD, hat, (-2.6, 1.9, 2.6, 5)), "portrait", 1.0, 512)
    assert kept(place)[1] < top
    assert kept(place)[3] > 2.1


def test_what_stands_beside_the_head_is_not_taken_for_hair():
    lamp = (2.8, -4.5, 3.4, 3)
    head = find_head(around(2000, 2000, EYES, HEAD, lamp))
    assert head.right == pytest.approx(HEAD[2], abs=0.1)
    assert head.top == pytest.approx(HEAD[1], abs=0.1)


def test_a_photo_cut_close_to_the_head_is_filled():
    eyes = (100, 105)
    close = Surroundings(unit_matrix(face(eyes), 1.0), subject_mask((-4, -4, 4, 4)), 200, 220)
    place = compose(close, "portrait", 1.0, 512)
    assert place.crop.coverage > 0.97
    assert place.crop.iod > 0.25


def test_a_photo_narrower_than_its_frame_gets_made_up_ground_rather_than_a_cut_head():
    narrow = Surroundings(unit_matrix(face((78, 150)), 1.0), subject_mask(HEAD, (-1.2, 1.9, 1.2, 5)), 156, 400)
    place = compose(narrow, "portrait", 1.0, 512)
    assert 0.4 < place.crop.coverage < 0.9
    units = place.crop.iod * 512
    top = -(place.crop.matrix[:, :2] @ [78, 150] + place.crop.matrix[:, 2])[1] / units
    assert top < HEAD[1] + 0.1
    assert top + 512 / units > HEAD[3]


@pytest.mark.parametrize("aspect", [1.0, 0.8, 0.75, 16 / 9, 9 / 16])
def test_the_window_has_the_aspect(aspect):
    place = compose(around(3000, 3000, (1500, 1300)), "portrait", aspect, 512)
    left, top, right, bottom = place.window.box(place.crop.size_px)
    assert (right - left) / (bottom - top) == pytest.approx(aspect, abs=0.01)
    assert max(right - left, bottom - top) == place.crop.size_px
    assert place.crop.size_px % 16 == 0


def test_the_tilt_is_kept_in_part_and_within_bounds():
    for angle in (0.2, -0.2, 0.8):
        landmarks = face((500, 400), angle)
        for level, expected in ((1.0, 0.0), (0.7, 0.3 * angle), (0.0, angle)):
            matrix = unit_matrix(landmarks, level)
            eyes = landmarks[:2] @ matrix[:, :2].T
            left = np.arctan2(*(eyes[1] - eyes[0])[::-1])
            assert left == pytest.approx(np.clip(expected, -MOST_TILT, MOST_TILT), abs=1e-6)


def test_the_whole_photo_lies_on_its_canvas():
    place = whole_photo(around(1800, 1200, (900, 500)), 512)
    assert place.window.width == 1.0
    assert place.window.height == pytest.approx(2 / 3)
    corner = place.crop.matrix[:, :2] @ [1800, 1200] + place.crop.matrix[:, 2]
    assert np.allclose(corner / place.crop.size_px, [1, 0.5 + 1 / 3])
    # A face this small gets more pixels than a usual one.
    assert place.crop.size_px == 1024


def _faces(*centres):
    landmarks = np.stack([face(centre) for centre in centres])
    boxes = np.concatenate([landmarks.min(1), landmarks.max(1)], 1)
    return Faces(boxes, landmarks, np.ones(len(centres)))


def test_landmarks_follow_the_frame():
    photo = np.zeros((900, 1200, 3), np.uint8)
    photo[398:403, 570:630] = 255
    sitter_of = np.vectorize(lambda value: 1.0)
    done = align_face(photo, _faces((600, 400)), 0, PaintConfig(), lambda frame: sitter_of(frame[..., 0]))
    x, y = done.landmarks[:2].mean(0).round().astype(int)
    assert done.pixels[y, x, 0] > 200
    assert done.all_landmarks.shape == (1, 5, 2)


def test_a_whole_photo_has_company():
    done = align_whole(np.zeros((900, 1200, 3), np.uint8), _faces((600, 400), (200, 300)), PaintConfig(crop="full"))
    assert done.other_landmarks.shape == (1, 5, 2)
    assert done.window.cut(done.pixels).shape[:2] == (768, 1024)


def test_a_fine_frame_is_cut_for_large_paintings_of_large_photos_only():
    def fine(size_px, unit):
        faces = Faces(np.zeros((1, 4)), face((1000, 800), unit=unit)[None], np.ones(1))
        whole = align_whole(np.zeros((1600, 2000, 3), np.uint8), faces, PaintConfig(crop="full", size_px=size_px))
        return whole.renditions.detail

    assert fine(1024, 300) is None
    assert fine(2048, 300).shape == (1024, 1024, 3)
    small = np.zeros((160, 200, 3), np.uint8)
    faces = Faces(np.zeros((1, 4)), face((100, 80), unit=30)[None], np.ones(1))
    assert align_whole(small, faces, PaintConfig(crop="full", size_px=2048)).renditions.detail is None


def test_a_cut_sitter_fades_before_the_edge():
    valid = np.full((100, 100), 255, np.uint8)
    valid[:, 80:] = 0
    faded = fade_at_edges(np.ones((100, 100), np.float32), valid)
    assert faded[50, 81] == 0
    assert faded[50, 60] == 1
    assert (np.diff(faded[50, 70:82]) <= 0).all()
    below = np.full((100, 100), 255, np.uint8)
    below[90:] = 0
    assert fade_at_edges(np.ones((100, 100), np.float32), below).min() == 1
    whole = np.ones((4, 4), np.float32)
    assert fade_at_edges(whole, np.full((4, 4), 255, np.uint8)) is whole


def test_the_mask_that_is_looked_at_ends_with_the_photo():
    photo = np.full((200, 200, 3), 90, np.uint8)
    seen = find_surroundings(
        photo, unit_matrix(face((100, 100)), 1.0), lambda view: np.ones(view.shape[:2], np.float32)
    )
    assert 0 < seen.subject_mask.mean() < 0.5
    assert seen.subject_mask[SCOUT_PX // 2, SCOUT_PX // 2] == 1


def test_aspects_become_numbers():
    assert [aspect_ratio(name, 300, 200) for name in ASPECTS] == [1.0, 1.0, 0.8, 0.75, 1.5]
    assert aspect_ratio("original", 5000, 1000) == pytest.approx(16 / 9)


def test_a_window_cuts_its_part():
    canvas = np.arange(100).reshape(10, 10)
    assert WHOLE_CANVAS.cut(canvas) is not None
    assert np.array_equal(CropWindow(0.1, 0.0, 0.8, 1.0).cut(canvas), canvas[:, 1:9])
    assert CropWindow(0.5, 0.5, 0.001, 0.001).cut(canvas).size == 1


def test_there_is_a_size_for_each_crop():
    for crop in CROPS[:2]:
        assert compose(around(2000, 2000, EYES), crop, 1.0, 256).crop.size_px == 256


def test_the_style_is_chosen_by_the_same_views_whatever_the_frame():
    photo = np.random.default_rng(0).integers(0, 255, (900, 1200, 3)).astype(np.uint8)
    faces = _faces((600, 400))
    seen = [
        align_face(photo, faces, 0, config, lambda frame: np.ones(frame.shape[:2], np.float32)).renditions.heads
        for config in (PaintConfig(), PaintConfig(crop="face", aspect="4:5", level=0))
    ]
    assert seen[0].shape == (1 + len(VIEW_IODS), VIEW_PX, VIEW_PX, 3)
    assert np.array_equal(*seen)
    assert np.array_equal(align_whole(photo, faces, PaintConfig(crop="full")).renditions.heads, seen[0])


def test_the_views_come_ever_closer_to_the_face():
    photo = np.zeros((900, 1200, 3), np.uint8)
    photo[395:405, 565:635] = 255
    sizes = [(view[..., 0] > 128).sum() for view in head_views(photo, face((600, 400)))[1:]]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 2 * sizes[0]
