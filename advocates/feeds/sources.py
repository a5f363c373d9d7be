"""The bytes of a feed: unpacked, counted, and recognised by what they are instead of by their name."""

import gzip
import io
import zlib
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from advocates.feeds.items import UnableToReadFeed

#: Unpacked bytes after which reading stops: a gzip file of a few kilobytes can hold terabytes.
MAX_FEED_BYTES = 2 * 1024**3

_HEAD_BYTES = 64 * 1024
_START_BYTES = 4096
_GZIP = b"\x1f\x8b"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FOREIGN = {
    b"PK\x03\x04": _("This is an Excel workbook or a zip file. Save it as CSV (UTF-8) and send that."),
    b"\xd0\xcf\x11\xe0": _("This is an Excel workbook. Save it as CSV (UTF-8) and send that."),
    b"%PDF": _("This is a PDF. Send the feed itself: XML, CSV or TSV."),
    _GZIP: _("This file was packed with gzip twice. Pack it once, or not at all."),
    b"{": _("This is JSON. Send the feed as XML, CSV or TSV."),
    b"[": _("This is JSON. Send the feed as XML, CSV or TSV."),
    b"<!doctype html": _("This is a web page, not a feed. Does the address ask for a log-in?"),
    b"<html": _("This is a web page, not a feed. Does the address ask for a log-in?"),
}


class _Unpacked(io.RawIOBase):
    """The feed's bytes, unpacked when they are gzip, up to `max_bytes`.

    A broken archive and a file that is too large raise UnableToReadFeed after everything before it was given.
    """

    def __init__(self, file: BinaryIO, *, max_bytes: int) -> None:
        file.seek(0)
        is_gzip = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        self._file: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=file) if is_gzip else file
        self._max_bytes = max_bytes
        self._seen = 0
        self._is_damaged = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled = 0
        while filled < len(buffer) and (data := self._read(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        self._seen += filled
        if self._seen > self._max_bytes:
            raise UnableToReadFeed(
                _("The feed is larger than {limit} MB unpacked. Send it in parts."),
                limit=self._max_bytes // 1024**2,
            )
        if self._is_damaged and not filled:
            raise UnableToReadFeed(
                _("The gzip file is damaged or was cut short. What came before was read; send it again.")
            )
        return filled

    def _read(self, size: int) -> bytes:
        if not isinstance(self._file, gzip.GzipFile):
            return self._file.read(size)
        try:
            return b"" if self._is_damaged else self._file.read1(size)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            self._is_damaged = True
            return b""


def open_feed(file: BinaryIO, *, max_bytes: int = MAX_FEED_BYTES) -> io.BufferedReader:
    """The unpacked bytes of a seekable file, from its start. Reading may raise UnableToReadFeed."""
    return io.BufferedReader(_Unpacked(file, max_bytes=max_bytes), _HEAD_BYTES)


def start_of(stream: io.BufferedReader) -> str:
    """How the file begins, in lower case. Raises UnableToReadFeed for what is no feed."""
    head = stream.peek(_HEAD_BYTES)
    if not head:
        raise UnableToReadFeed(_("The file is empty."))
    for bom in _BOMS:
        head = head.removeprefix(bom)
    # UTF-16 puts a zero byte beside each character of ASCII.
    start = head[:_START_BYTES].replace(b"\x00", b"").lstrip().lower()
    for mark, reason in _FOREIGN.items():
        if start.startswith(mark.lower()):
            raise UnableToReadFeed(reason)
    return start.decode("ascii", "replace")


def encoding_of(stream: io.BufferedReader) -> str:
    """The codec for a table: from its byte-order mark, else from the zero bytes of UTF-16, else UTF-8."""
    head = stream.peek(_HEAD_BYTES)[:_START_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 4:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8-sig"
