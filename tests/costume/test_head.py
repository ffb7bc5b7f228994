"""The sitter's own head, without clothes and shoulders."""

import numpy as np

from portraitify.costume.head import head_of
from tests.costume.sitters import CENTRE, HAIR, HALF, SHIRT, SIDE, SKIN, sitter

X, CHIN = int(CENTRE[0]), int(CENTRE[1] + HALF)


def test_a_head_ends_at_the_jaw():
    head = head_of(*sitter())
    assert head.alpha[int(CENTRE[1]), X] > 0.99
    assert head.alpha[int(CENTRE[1] - HALF - 4), X] > 0.9
    assert head.alpha[CHIN + 12 :].max() < 0.1
    assert head.hair_length < 0.1
    assert head.complete == 1


def test_long_hair_belongs_to_it_and_a_shirt_does_not():
    head = head_of(*sitter(long_hair=True))
    assert head.alpha[CHIN + 20, X - 48] > 0.9
    assert head.alpha[CHIN + 20, X + 48] > 0.9
    assert head.alpha[CHIN + 45, X] < 0.1
    assert head.alpha[CHIN + 70 :].max() < 0.1
    assert head.hair_length > 0.3


def test_bare_skin_below_the_jaw_is_neck():
    head = head_of(*sitter())
    assert head.neck[CHIN + 5, X] > 0.5
    assert head.neck[CHIN + 5, X - 60] == 0
    assert (head.neck + head.alpha).max() <= 1 + 1e-6


def test_a_neck_that_the_photo_cuts_does_not_end_in_a_straight_line():
    face, outline = sitter()
    whole = head_of(face, outline).neck[:, X]
    face.valid[CHIN + 8 :] = 0
    cut = head_of(face, outline).neck[:, X]
    assert whole[CHIN + 6] > 0.5
    assert cut[CHIN + 7 :].max() < 0.1
    assert np.abs(np.diff(cut[CHIN + 3 : CHIN + 12])).max() < 0.5


def test_the_more_of_a_crown_is_cut_the_less_complete_a_head_is():
    whole, little, much = (head_of(*sitter(raised=raised)) for raised in (0, 38, 44))
    assert whole.complete == 1
    assert 1 > little.complete > much.complete
    assert whole.crown.rise == 0
    assert 0 < little.crown.rise < much.crown.rise < SIDE / 2


def test_a_head_whose_chin_the_photo_cuts_is_not_complete():
    face, outline = sitter()
    for shown, complete in ((CHIN + 1, 1), (CHIN - 20, 0)):
        face.valid[shown:] = 0
        assert head_of(face, outline).complete == complete


def test_what_the_photo_shows_beside_the_jaw_is_no_neck():
    head = head_of(*sitter())
    assert head.beside[int(CENTRE[1]), 5] > 0.9
    assert head.beside[CHIN + 20].max() == 0
    assert np.minimum(head.beside, head.alpha).max() < 0.05


def test_what_shines_through_loose_hair_is_no_hair():
    face, outline = sitter()
    above = int(CENTRE[1] - 12 - HALF - 8)
    gap = np.s_[above - 12 : above - 3, X - 8 : X + 8]
    outline[gap] = 1
    assert head_of(face, outline).alpha[gap].max() < 0.5


def test_cloth_of_the_hairs_colour_is_left_away():
    face, outline = sitter()
    coat = np.s_[CHIN - 40 :, X - 100 : X + 100]
    beside = np.abs(np.arange(SIDE) - X) > 40
    cloth = np.zeros((SIDE, SIDE), bool)
    cloth[coat] = beside[coat[1]]
    cloth[CHIN + 26 :, X - 100 : X + 100] = True
    face.pixels[cloth], outline[cloth] = (70, 42, 30), 1
    assert head_of(face, outline).alpha[CHIN + 20 :].max() < 0.1


def test_hair_below_a_hat_is_learnt_beside_the_face():
    face, outline = sitter(long_hair=True)
    hat = (
        (outline > 0.5)
        & (np.arange(SIDE)[:, None] < CENTRE[1] - 0.45 * HALF)
        & (np.linalg.norm(face.pixels - SKIN, axis=2) > 40)
    )
    face.pixels[hat] = (40, 110, 60)
    head = head_of(face, outline)
    assert head.alpha[CHIN + 20, X - 48] > 0.9
    assert head.alpha[CHIN + 70 :].max() < 0.1


def test_strands_of_another_shade_leave_no_gaps():
    face, outline = sitter(long_hair=True)
    face.pixels[CHIN - 30 : CHIN + 60, X - 50 : X - 46] = (88, 56, 42)
    assert head_of(face, outline).alpha[CHIN - 20 : CHIN + 40, X - 52 : X - 44].min() > 0.8


def test_a_coat_of_a_close_up_is_no_hair():
    lower = SIDE - CHIN - 24
    face, outline = sitter(long_hair=True, raised=-lower)
    hair = np.all(face.pixels == HAIR, axis=2)
    face.pixels[hair] = (150, 148, 146)
    face.pixels[hair & (np.arange(SIDE) // 4 % 3 == 0)] = (62, 60, 60)
    face.pixels[hair & (np.arange(SIDE)[:, None] > CENTRE[1] + lower + 0.45 * HALF)] = (60, 60, 62)
    # So little is seen of the coat that only the hair above can tell.
    assert head_of(face, outline).alpha[CHIN + lower + 4 :, : X - 34].max() < 0.1


def test_hair_of_the_grounds_colours_stays():
    face, outline = sitter()
    hair, ground = np.all(face.pixels == HAIR, axis=2), outline < 0.5
    face.pixels[hair] = (170, 130, 90)
    streaks = hair & (np.arange(SIDE) // 8 % 4 == 0)
    face.pixels[streaks | ground] = (60, 80, 120)
    above = int(CENTRE[1] - HALF - 4)
    assert head_of(face, outline).alpha[above, X - 24 : X + 24].min() > 0.9


def test_a_tuft_of_ground_at_an_ear_is_no_ear():
    face, outline = sitter()
    tuft = np.s_[int(CENTRE[1]) - 4 : int(CENTRE[1]) + 14, X - 48 : X - 39]
    face.pixels[outline < 0.5] = (110, 100, 125)
    face.pixels[tuft], outline[tuft] = (110, 100, 125), 1
    assert head_of(face, outline).alpha[tuft][4:, :5].max() < 0.5


def test_what_ends_straight_before_cloth_is_severed():
    face, outline = sitter(long_hair=True)
    assert head_of(face, outline).severed < 0.05
    hair = np.linalg.norm(face.pixels - np.array(HAIR, float), axis=2) < 10
    face.pixels[hair & (np.arange(SIDE)[:, None] > CENTRE[1] + 0.2 * HALF)] = SHIRT
    assert head_of(face, outline).severed > 0.15


def test_a_leaf_behind_the_crown_is_not_worn():
    face, outline = sitter()
    above = int(CENTRE[1] - 12 - HALF - 8)
    leaf = np.s_[above - 10 : above + 2, X - 12 : X + 12]
    face.pixels[leaf], outline[leaf] = (60, 150, 40), 1
    assert head_of(face, outline).alpha[leaf][:8].max() < 0.5
    assert head_of(face, outline).alpha[above + 10, X] > 0.9


def test_what_hangs_on_a_strand_is_no_hair():
    face, outline = sitter(long_hair=True)
    rows, aside = np.arange(SIDE)[:, None], np.abs(np.arange(SIDE) - X)
    beside = (rows > CHIN - 20) & (rows < CHIN + 10) & (aside > 33) & (aside < 60)
    face.pixels[beside], outline[beside] = face.pixels[2, 2], 0
    coat = (rows > CHIN + 10) & (aside > 30) & (aside < 75)
    face.pixels[coat], outline[coat] = HAIR, 1
    assert head_of(face, outline).alpha[CHIN + 30 :].max() < 0.1


def test_black_hair_stays_before_a_black_ground():
    face, outline = sitter()
    for colour in ((60, 35, 25), (210, 215, 205)):
        face.pixels[np.all(face.pixels == colour, axis=2)] = (12, 10, 9)
    assert head_of(face, outline).alpha[int(CENTRE[1] - HALF - 4), X] > 0.9


def test_a_face_that_takes_in_the_ground_is_astray():
    face, outline = sitter()
    assert head_of(face, outline).astray < 0.2
    face.pixels[:, : X - 16] = face.pixels[2, 2]
    assert head_of(face, outline).astray > 0.6


def test_a_throat_in_shadow_that_the_photo_cuts_is_no_beard():
    lower = SIDE - CHIN - 14
    face, outline = sitter(raised=-lower)
    chin = CHIN + lower
    face.pixels[chin - 24 :, X - 16 : X + 16] = HAIR
    alpha = head_of(face, outline).alpha
    assert alpha[chin + 2, X] > 0.5
    assert alpha[chin + 10 :].max() < 0.5
