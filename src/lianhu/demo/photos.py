"""Drawn pictures for some of the made-up matters: plainly drawings, so nobody takes them for a photo.

A few for each kind that one can see; some of the matters of that kind share them.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time

import numpy as np
from PIL import Image, ImageDraw

from lianhu.accounts.queries.actors import system_actor
from lianhu.demo.county import County
from lianhu.demo.divisions import COUNTY, PILOT
from lianhu.demo.telling import ZONE
from lianhu.matters.actions.load import MatterRow
from lianhu.media.actions import keep_photo

SIZE = WIDTH, HEIGHT = 720, 540
GROUND = 330  # where the hills end
OF_A_KIND = 3
ONE_IN, ONE_IN_PILOT = 24, 3  # of the matters whose kind has pictures
Rng = np.random.Generator
Pen = ImageDraw.ImageDraw


def _between(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high))


def _land(rng: Rng) -> tuple[Image.Image, Pen]:
    """Sky, two rows of hills and a field, a little different each time."""
    light = _between(rng, -12, 12)
    picture = Image.new("RGB", SIZE, (206 + light, 222 + light, 230 + light))
    pen = ImageDraw.Draw(picture)
    for far, colour in ((90, (150, 176, 168)), (40, (112, 148, 128))):
        tops = [(x, GROUND - far - _between(rng, 0, 90)) for x in range(-60, WIDTH + 121, 120)]
        pen.polygon([(-60, HEIGHT), *tops, (WIDTH + 120, HEIGHT)], fill=colour)
    pen.rectangle((0, GROUND, WIDTH, HEIGHT), fill=(176, 168, 132))
    return picture, pen


def _road(pen: Pen) -> None:
    pen.polygon(
        [(250, HEIGHT), (560, HEIGHT), (420, GROUND), (380, GROUND)], fill=(150, 148, 144)
    )


def _garbage(rng: Rng, pen: Pen) -> None:
    _road(pen)
    colours = ((70, 90, 130), (225, 225, 220), (40, 44, 48), (176, 70, 60), (206, 180, 80))
    for _ in range(26):
        x, y = _between(rng, 70, 330), _between(rng, 380, 480)
        size = _between(rng, 22, 60)
        colour = colours[_between(rng, 0, len(colours))]
        pen.ellipse(
            (x, y - size // 2, x + size, y + size // 2), fill=colour, outline=(50, 50, 50)
        )


def _ditch(rng: Rng, pen: Pen) -> None:
    pen.polygon(
        [(120, HEIGHT), (330, HEIGHT), (400, GROUND), (360, GROUND)], fill=(104, 112, 92)
    )
    for _ in range(40):
        x, y = _between(rng, 170, 350), _between(rng, 400, 530)
        pen.line(
            (x, y, x + _between(rng, -40, 40), y - _between(rng, 4, 30)),
            fill=(84, 66, 44),
            width=5,
        )


def _light(rng: Rng, pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=(38, 46, 66))
    pen.polygon(
        [(0, 340), (200, 270), (430, 330), (WIDTH, 260), (WIDTH, HEIGHT), (0, HEIGHT)],
        fill=(26, 34, 44),
    )
    x = _between(rng, 300, 420)
    pen.line((x, HEIGHT, x, 120), fill=(150, 150, 150), width=12)
    pen.line((x, 124, x + 120, 104), fill=(150, 150, 150), width=8)
    pen.ellipse((x + 104, 96, x + 164, 126), fill=(84, 84, 84), outline=(150, 150, 150))
    for _ in range(30):
        a, b = _between(rng, 0, WIDTH), _between(rng, 0, 230)
        pen.point((a, b), fill=(230, 230, 210))


def _holes(rng: Rng, pen: Pen) -> None:
    pen.polygon(
        [(60, HEIGHT), (660, HEIGHT), (430, GROUND), (370, GROUND)], fill=(150, 148, 144)
    )
    for _ in range(7):
        y = _between(rng, 390, 510)
        x, size = _between(rng, 240, 470), (y - GROUND) // 2
        pen.ellipse(
            (x, y - size // 4, x + size, y + size // 4), fill=(92, 84, 74), outline=(70, 64, 56)
        )


def _stones(rng: Rng, pen: Pen) -> None:
    pen.polygon([(WIDTH, 60), (WIDTH, HEIGHT), (330, HEIGHT), (480, 300)], fill=(150, 118, 84))
    for _ in range(24):
        x, y = _between(rng, 150, 520), _between(rng, 400, 520)
        size = _between(rng, 16, 64)
        a, b, c, d = (_between(rng, 2, size // 2) for _ in range(4))
        corners = [(x + a, y), (x + size, y + b), (x + size - c, y + size * 2 // 3), (x, y + d)]
        pen.polygon(corners, fill=(128, 120, 110), outline=(84, 78, 70))


def _roof(rng: Rng, pen: Pen) -> None:
    pen.rectangle((170, 270, 560, 480), fill=(214, 200, 176), outline=(120, 108, 90))
    pen.polygon([(130, 280), (365, 140), (600, 280)], fill=(96, 84, 80))
    x = _between(rng, 280, 420)
    pen.polygon([(x, 230), (x + 70, 224), (x + 86, 268), (x + 10, 272)], fill=(30, 28, 30))
    pen.rectangle((330, 360, 410, 480), fill=(112, 84, 60))
    for drop in range(6):
        pen.line(
            (x + 8 + drop * 12, 300 + drop % 3 * 20, x + 6 + drop * 12, 330 + drop % 3 * 20),
            fill=(96, 132, 170),
            width=4,
        )


def _pipe(rng: Rng, pen: Pen) -> None:
    pen.rectangle((0, 400, WIDTH, 430), fill=(110, 120, 130))
    x = _between(rng, 260, 440)
    pen.ellipse((x - 130, 440, x + 150, 510), fill=(120, 150, 176))
    for _ in range(16):
        pen.line(
            (x, 402, x + _between(rng, -110, 110), _between(rng, 250, 460)),
            fill=(190, 214, 230),
            width=4,
        )


DRAWN: dict[str, Callable[[Rng, Pen], None]] = {
    "environment.garbage": _garbage,
    "environment.water": _ditch,
    "environment.light": _light,
    "environment.road": _holes,
    "safety.slope": _stones,
    "livelihood.housing": _roof,
    "livelihood.water": _pipe,
}


def draw(kind: str, rng: Rng) -> bytes:
    """A picture of a kind of matter, as a JPEG."""
    picture, pen = _land(rng)
    DRAWN[kind](rng, pen)
    pen.rectangle((8, 8, WIDTH - 9, HEIGHT - 9), outline=(255, 255, 255), width=6)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=80)
    return content.getvalue()


def write_photos(county: County) -> dict[str, list[str]]:
    """Keep the pictures of every kind; their hashes by kind."""
    rng, clerk = county.plan.generator("photos"), system_actor(COUNTY)
    at = datetime.combine(county.plan.today, time(8), ZONE)
    return {
        kind: [keep_photo(clerk, draw(kind, rng), at=at) for _ in range(OF_A_KIND)]
        for kind in DRAWN
    }


def with_photos(rows: Iterable[MatterRow], photos: dict[str, list[str]]) -> Iterator[MatterRow]:
    """The matters, some of those that one can see with a picture at their first step."""
    for row in rows:
        one_in = ONE_IN_PILOT if row.place.startswith(PILOT) else ONE_IN
        found = photos.get(row.category, [])
        lot = row.id.int >> 4  # its last bits are as good as thrown
        if found and row.row_class == "ordinary" and lot % one_in == 0:
            yield replace(row, photos=(found[lot // one_in % len(found)],))
        else:
            yield row
