"""Models of the people floor, one module per noun."""

from community.models.board import Board, BoardInvitation, Hotspot, Pin
from community.models.conversation import Answer, Comment, Question
from community.models.follow import AdvocateInvitation, Block, Follow, Mute
from community.models.picture import Picture, PictureRendition
from community.models.profile import PastHandle, Profile
from community.models.review import (
    Review,
    ReviewInvitation,
    ReviewOptOut,
    ReviewPicture,
    ReviewReply,
    ReviewReport,
)
from community.models.search import SearchWord
from community.models.theme import Theme
from community.models.user import User

__all__ = [
    "AdvocateInvitation",
    "Answer",
    "Block",
    "Board",
    "BoardInvitation",
    "Comment",
    "Follow",
    "Hotspot",
    "Mute",
    "PastHandle",
    "Picture",
    "PictureRendition",
    "Pin",
    "Profile",
    "Question",
    "Review",
    "ReviewInvitation",
    "ReviewOptOut",
    "ReviewPicture",
    "ReviewReply",
    "ReviewReport",
    "SearchWord",
    "Theme",
    "User",
]
