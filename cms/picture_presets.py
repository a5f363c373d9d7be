"""The sizes in which pages show pictures: one table for who draws them and who makes them ahead."""

#: Widths of the renditions and the ``sizes`` hint, per use of a picture.
PRESETS: dict[str, tuple[tuple[str, ...], str]] = {
    "card": (("width-360", "width-720"), "(min-width: 60rem) 20rem, (min-width: 40rem) 45vw, 100vw"),
    # The same renditions where two stand beside each other on a phone.
    "pin": (("width-360", "width-720"), "(min-width: 60rem) 20rem, 45vw"),
    "look": (("width-480", "width-960", "width-1440"), "(min-width: 60rem) 46rem, 100vw"),
    "half": (("width-480", "width-960"), "(min-width: 60rem) 36rem, 100vw"),
    "wide": (("width-640", "width-1280", "width-1920"), "(min-width: 80rem) 76rem, 100vw"),
    "prose": (("width-480", "width-960"), "(min-width: 45rem) 42rem, 100vw"),
    "product": (("max-480x480", "max-960x960"), "(min-width: 60rem) 18rem, 50vw"),
    "product_alone": (
        ("max-480x480", "max-960x960"),
        "(min-width: 60rem) 18rem, (min-width: 34rem) 45vw, 100vw",
    ),
    "thumb": (("fill-96x96", "fill-192x192"), "6rem"),
    "avatar": (("fill-64x64", "fill-192x192"), "4rem"),
}
#: So small that a second format would save nobody anything.
SMALL_PRESETS = frozenset({"thumb", "avatar"})

#: What a picture that somebody added may be shown in, and what a product's: the rest is made where it is first shown.
OF_PEOPLE = ("card", "look", "wide", "prose", "thumb")
OF_PRODUCTS = ("card", "product", "thumb")


def shown_as(preset: str) -> list[str]:
    """Every rendition that a page draws of a picture in this preset, AVIF left out."""
    specs, _sizes = PRESETS[preset]
    webp = [f"{spec}|format-webp" for spec in specs]
    return webp if preset in SMALL_PRESETS else [*webp, f"{specs[1]}|format-jpeg"]
