"""What there is in each village and grid: contacts, dangers, facilities, services. All made up."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from lianhu.demo.county import County
from lianhu.demo.marks import Sort
from lianhu.demo.names import FAMILY
from lianhu.demo.telling import ZONE
from lianhu.kernel.seal import seal
from lianhu.territory.actions import load_resources

CLERK = "村文书"
# kind, name ({v}: the village, {t}: its town), words, whether it has a number
OF_VILLAGE = (
    ("doctor", "{v}卫生室", "白天在，夜里打电话", True),
    ("police", "{t}派出所", "急事先打 110", True),
    ("electrician", "{t}供电所", "停电、线断了打这个，线掉地上不要碰", True),
    ("water", "{v}供水点", "停水、水浑了打这个", True),
    ("clinic", "{v}卫生室", "村委会旁边，能量血压、拿常用药", False),
    ("hall", "{v}活动室", "天天开门，有报纸和棋", False),
    ("shelter", "{v}避险安置点", "村小学操场，大雨夜里来这里", False),
    ("errands", "{v}便民服务室", "医保、社保、老年证都能代办", False),
    ("legal", "{t}法律服务站", "每月第一个星期三来村里", False),
)
OF_GRID = (
    ("landslide", "屋后陡坡", "下大雨不要走坡下"),
    ("deep_water", "河边深潭", "娃娃不要下水"),
    ("wiring", "老院子的电线", "下雨不要碰墙上的线"),
    ("road", "急弯路段", "夜里靠里走"),
    ("fire", "柴垛集中的地方", "不要在附近烧纸"),
    ("house", "没人住的老房", "不要进去躲雨"),
    ("water_point", "山泉取水点", "烧开了再喝"),
    ("shop", "小卖部", "能代收快递"),
)
WITH_ONE = 0.4  # of the grids


def write_resources(county: County) -> int:
    """Everything at once; how many."""
    rows = list(_rows(county))
    load_resources(rows)
    return len(rows)


def _rows(county: County) -> Iterator[tuple[object, ...]]:
    rng, today = county.plan.generator("resources"), county.plan.today
    since = today - timedelta(days=200)
    towns = {d.code: d.name for d in county.plan.divisions}
    number = 0

    def row(
        place: str, kind: str, name: str, words: str, phone: str, asked: date | None
    ) -> tuple[object, ...]:
        mark = county.marks.uuid(Sort.RESOURCE, number)
        sealed = seal(phone, f"resource.phone.{mark}")
        said = "当面说的，只给本村三线人员打" if asked else ""
        at = datetime.combine(since, time(10), ZONE)
        return (mark, place, kind, name, words, sealed, asked is not None, asked, said, since,
                CLERK, at)  # fmt: skip

    for village in county.hamlets.villages:
        for kind, name, words, has_phone in OF_VILLAGE:
            number += 1
            said = name.format(v=village.name, t=towns.get(village.code[:9], ""))
            phone = f"100{number:08d}" if has_phone else ""
            yield row(village.code, kind, said, words, phone, None)
        number += 1
        who = FAMILY[int(rng.integers(len(FAMILY)))]
        skill = ("会修水管、电器", "会修摩托、农机")[number % 2]
        yield row(village.code, "repair", f"{who}师傅", skill, f"100{number:08d}", since)
    for code in county.codes:
        if rng.random() < WITH_ONE:
            number += 1
            kind, name, words = OF_GRID[int(rng.integers(len(OF_GRID)))]
            yield row(code, kind, name, words, "", None)
