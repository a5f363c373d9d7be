"""`/go/` on the event loop: clicks that come together are stored together, each before its answer leaves."""

from advocates.redirect.application import Application

__all__ = ["Application"]
