"""Models of the people floor, one module per noun."""

from community.models.board import Board, Pin
from community.models.picture import Picture, PictureRendition
from community.models.profile import Profile
from community.models.theme import Theme
from community.models.user import User

__all__ = ["Board", "Picture", "PictureRendition", "Pin", "Profile", "Theme", "User"]
