"""Everything that portraitify raises on purpose.

    PortraitifyError
    +-- ConfigError               an option or a file of options makes no sense
    +-- ImageError                a picture cannot be read or written
    +-- FaceError
    |   +-- NoFaceError           no face in the picture
    |   +-- AlignmentError        the landmarks do not determine a frame
    |   +-- CostumeError          the sitter does not fit the old master's picture that was asked for
    +-- WeightsError
    |   +-- MissingWeightsError   a weights file is not there
    |   +-- WeightsMismatchError  a weights file is not what the manifest says
    +-- DeviceError               the device that was asked for cannot be used

A message says what went wrong, with which file, and what to do next.
"""


class PortraitifyError(Exception):
    """Root of the hierarchy; catch this to catch all of them."""


class ConfigError(PortraitifyError):
    """An option, or a file of options, has a value that makes no sense."""


class ImageError(PortraitifyError):
    """A picture cannot be read or written."""


class FaceError(PortraitifyError):
    """Something is wrong with the face in a picture."""


class NoFaceError(FaceError):
    """No face was found in any of the four orientations."""


class AlignmentError(FaceError):
    """The landmarks of a face do not determine a frame."""


class CostumeError(FaceError):
    """The sitter does not fit the old master's picture that was asked for."""


class WeightsError(PortraitifyError):
    """The shipped or given weights cannot be used."""


class MissingWeightsError(WeightsError):
    """A weights file does not exist."""


class WeightsMismatchError(WeightsError):
    """A weights file is not what its manifest says it is."""


class DeviceError(PortraitifyError):
    """The device that was asked for cannot be used here."""
