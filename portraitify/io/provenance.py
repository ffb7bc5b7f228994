"""What a painting says about itself: that a machine made it, and how to make it again."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import ImageFile

from portraitify.errors import ImageError
from portraitify.io.encoding import Marks
from portraitify.io.reading import opened, short_digest, translated
from portraitify.io.sources import open_source, read_source

# https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
# The style of a sheet of all styles.
SHEET = "sheet"
_NAMESPACE = "urn:portraitify:record:1:"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_MAX_PACKET = 65_536
_TIFF_XMP_TAG = 700
_OUR_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
# WebP container specification, "Extended file format": the flags are the byte after the chunk's header.
_FLAGS_END, _WEBP_XMP_FLAG = 21, 0x04
# Options that a record may hold, and of what kind they are.
_OPTIONS: dict[str, tuple[type, ...]] = {
    "finish": (int, float),
    "level": (int, float),
    "crop": (str,),
    "aspect": (str,),
    "background": (str,),
    "strength": (int, float),
    "keep-color": (bool,),
    "skin-tone": (str,),
    "frame": (str,),
    "costume": (str,),
    "hair": (str,),
    "beard": (bool,),
    "reference": (list,),
    "after": (list,),
    "faces": (str,),
    "group": (bool,),
    "sheet": (bool,),
    "format": (str,),
    "quality": (int,),
    "engine": (str,),
    "blend": (str,),
    "adjust": (str,),
    "dream": (str,),
    "imagine": (str,),
}

# A style, or a mixture of several with their shares.
_STYLE = re.compile(r"[a-z][a-z0-9_-]*(:[0-9.]+(,[a-z][a-z0-9_-]*:[0-9.]+)*)?")
# A picture to paint after, by its digest, and its share.
_PICTURE = re.compile(r"(?P<digest>[0-9a-f]{12})[0-9a-f]*(?P<share>:[0-9.]+)?")
# What stands for a picture to sit in that is chosen for each face.
_LEFT_OPEN = "auto"


@dataclass(frozen=True)
class Provenance:
    """Record of one painting; nothing in it tells who or where the sitter is.

    Attributes:
        software: name and version.
        weights: digest of the weights.
        style: one of the styles, a mixture, or ``SHEET`` for all of them.
        requested: the style that was asked for, perhaps ``auto``.
        style_code: identifier of the old painting whose code was used.
        reference: its painter, title and date.
        seed: as given.
        size_px: side of the painting.
        options: further options that change the picture, as a JSON object.
        face: which of how many faces, such as ``1/3``.
        source: digest of photo and options; tells whether a painting belongs to them.
    """

    software: str
    weights: str
    style: str
    requested: str
    style_code: str
    reference: str
    seed: int
    size_px: int
    options: str
    face: str
    source: str

    def command(self) -> str:
        """The command that paints it again, for people."""
        options = json.loads(self.options)
        seed = f" --seed {self.seed}"
        if "imagine" in options:
            # There the seed tells who it is; paintings after another old painting are further variants.
            seed = f" --variants {self.seed + 1}" if self.seed else ""
            # Always the master's ground.
            options.pop("background", None)
        what = _what(options)
        extra = "".join(_option(name, value) for name, value in sorted(options.items()))
        # Where the picture to sit in was left open, each face has a style of its own.
        style = self.requested if options.get("costume") == _LEFT_OPEN else self.style
        style = "" if options.get("sheet") else f" --style {shlex.quote(style)}"
        return f"portraitify {what}{style}{seed} --size {self.size_px}{extra}"

    def with_options(self, **values: Any) -> Provenance:
        """The same record with further options; those that are nothing are left out."""
        given = {name: value for name, value in values.items() if value is not None}
        return replace(self, options=json.dumps(json.loads(self.options) | given))

    def marks(self, taken: str = "") -> Marks:
        """What to write into the file."""
        of = "of somebody who does not exist" if "imagine" in json.loads(self.options) else "from a photograph"
        description = f"Machine-made painting {of}: {self.style}, after {self.reference}"
        text = {"Software": self.software, "Description": description, "Source": "Made with a trained algorithm"}
        return Marks(self._packet(description), text, taken)

    def _packet(self, description: str) -> str:
        """XMP packet (ISO 16684-1) with the IPTC source type."""
        own = "".join(
            f"<portraitify:{name}>{_escaped(value)}</portraitify:{name}>" for name, value in asdict(self).items()
        )
        # The begin attribute holds a byte-order mark, as the standard asks for.
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
            f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""'
            f' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            f' xmlns:Iptc4xmpExt="{_IPTC}" xmlns:portraitify="{_NAMESPACE}">'
            f"<xmp:CreatorTool>{_escaped(self.software)}</xmp:CreatorTool>"
            f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
            f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(description)}</rdf:li></rdf:Alt>'
            f"</dc:description>{own}</rdf:Description></rdf:RDF></x:xmpmeta>"
            '<?xpacket end="r"?>'
        )


def _what(options: dict[str, Any]) -> str:
    """The command and what it is of, taken out of the options: photos are known by their digests only."""
    # How much of each photo stands before its digest.
    shares = [part.split("%")[0] for part in options.pop("blend", "").split(", ") if part]
    what = f"blend {' '.join(['PHOTO'] * len(shares))} --weights {','.join(shares)}" if shares else "PHOTO"
    for verb, of in (("adjust", " PHOTO"), ("dream", " PHOTO"), ("imagine", "")):
        # Before the digest of the photo as it was.
        changes = [part.split(" ") for part in options.pop(verb, "").split(";")[0].split(", ") if part]
        if changes:
            what = " ".join([f"{verb}{of}", *(f"--{name} {amount}" for name, amount in changes)])
    return what


def _option(name: str, value: Any) -> str:
    """An option as it is typed; pictures, of which only digests are known, as words to be replaced."""
    if value is True:
        return f" --{name}"
    if isinstance(value, list):
        words = [_PICTURE.sub(r"PICTURE-\g<digest>\g<share>", each) if name == "reference" else each for each in value]
        return "".join(f" --{name} {shlex.quote(word)}" for word in words)
    return f" --{name} {shlex.quote(str(value))}"


def _escaped(value: object) -> str:
    """Text for between two tags; the library's own function for it imports all of urllib and ssl."""
    return str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def source_digest(photo: str, options: dict[str, object]) -> str:
    """One digest of a photo's digest and of all options that change its painting."""
    return short_digest(json.dumps([photo, options], sort_keys=True).encode())


def read_provenance(source: Path | bytes) -> Provenance | None:
    """Read the record of a painting; nothing if the file, or the bytes of one, hold none.

    Raises:
        ImageError: the file is no picture.
    """
    with _opened(source) as image:
        packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
        if packet is None and image.format == "TIFF":
            packet = image.getexif().get(_TIFF_XMP_TAG)
    if not packet:
        return None
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    return parse_packet(packet) if isinstance(packet, bytes) else None


def holds_record(path: Path) -> bool:
    """Whether a file is a painting that says so; looks at its beginning only, and no further than it has to.

    What cannot be read holds none.
    """
    try:
        with open_source(path) as stream:
            start = stream.read(_FLAGS_END)
        return _may_hold_record(start) and read_provenance(path) is not None
    except (ImageError, OSError):
        return False


def _may_hold_record(start: bytes) -> bool:
    """Whether a file begins as one does that we write with a record."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        # Pillow reads all of such a file to open it; its header says whether there is XMP in it.
        return start[12:16] == b"VP8X" and len(start) == _FLAGS_END and bool(start[20] & _WEBP_XMP_FLAG)
    return start.startswith(_OUR_STARTS)


@contextmanager
def _opened(path: Path | bytes) -> Iterator[ImageFile.ImageFile]:
    if isinstance(path, bytes):
        with translated("painting"), opened(io.BytesIO(path), "painting") as image:
            yield image
        return
    with translated(str(path)), open_source(path) as stream:
        # A pipe is read once and for all.
        whole = stream if stream.seekable() else io.BytesIO(read_source(stream, str(path)))
        with opened(whole, str(path)) as image:
            yield image


def complete_provenance(source: Path | bytes) -> Provenance | None:
    """Like :func:`read_provenance`, but nothing unless the whole picture can be decoded."""
    try:
        found = read_provenance(source)
        if found:
            with _opened(source) as image:
                image.load()
        return found
    except ImageError:
        return None


def parse_packet(packet: bytes) -> Provenance | None:
    """The record in an XMP packet; nothing if there is none or it is damaged."""
    # A packet of ours is small and declares no entities; others may be hostile.
    if len(packet) > _MAX_PACKET or b"<!" in packet:
        return None
    text = re.sub(r"<\?xpacket[^>]*\?>", "", packet.decode("utf-8", "replace")).strip("\0\ufeff \r\n\t")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    values = {field.name: root.findtext(f".//{{{_NAMESPACE}}}{field.name}") for field in fields(Provenance)}
    if any(value is None for value in values.values()):
        return None
    try:
        numbers = {name: int(values.pop(name) or "") for name in ("seed", "size_px")}
    except ValueError:
        return None
    found = Provenance(**values, **numbers)  # type: ignore[arg-type]
    return found if _is_sound(found) else None


def _is_sound(record: Provenance) -> bool:
    """Whether a record can be one of ours: what it holds ends up in a command that people may copy."""
    try:
        options = json.loads(record.options)
    except ValueError:
        return False
    return (
        isinstance(options, dict)
        and set(options) <= set(_OPTIONS)
        and all(isinstance(value, _OPTIONS[name]) for name, value in options.items())
        and all(isinstance(each, str) for value in options.values() if isinstance(value, list) for each in value)
        and all(_PICTURE.fullmatch(each) for each in options.get("reference", ()))
        and _STYLE.fullmatch(record.style) is not None
    )
