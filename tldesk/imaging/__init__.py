"""The picture decoder: turns any picture file into upright RGB pixels and facts, or a plain error message."""

from __future__ import annotations

from tldesk.imaging.candidates import DICOM_SUFFIXES, IMAGE_SUFFIXES, is_candidate
from tldesk.imaging.decode import read_picture
from tldesk.imaging.hashing import content_hash
from tldesk.imaging.picture import Picture, PictureFacts
from tldesk.imaging.pixels import Pixels
from tldesk.imaging.prepared_cache import DEFAULT_SIDE, PreparedCache, PreparedPicture, prepared_picture
from tldesk.imaging.rendering import AS_STORED, CT_WINDOWS, Rendering, matters_for
from tldesk.imaging.thumbnails import fit_within, prepared_thumbnail, thumbnail
from tldesk.imaging.unreadable import MAX_PIXELS, UnreadableImage
from tldesk.imaging.windowing import IntensityWindow, WindowedValues

__all__ = [
    "AS_STORED",
    "CT_WINDOWS",
    "DEFAULT_SIDE",
    "DICOM_SUFFIXES",
    "IMAGE_SUFFIXES",
    "MAX_PIXELS",
    "IntensityWindow",
    "Picture",
    "PictureFacts",
    "Pixels",
    "PreparedCache",
    "PreparedPicture",
    "Rendering",
    "UnreadableImage",
    "WindowedValues",
    "content_hash",
    "fit_within",
    "is_candidate",
    "matters_for",
    "prepared_picture",
    "prepared_thumbnail",
    "read_picture",
    "thumbnail",
]
