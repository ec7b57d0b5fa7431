"""Made-up names that fit a birth year: family names by village, given names by generation.

The signs are everyday ones put together by chance; nobody real is meant.
"""

from functools import cache

import numpy as np
from pypinyin import Style, lazy_pinyin

from lianhu.demo.arrays import Bools, Ints, Signs

FAMILY = (
    "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江"
    "史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文欧成温储纪柯涂邬晏储庞"
)
# Said otherwise as a family name than elsewhere.
FAMILY_INITIAL = {"曾": "z", "任": "r", "单": "s", "解": "x", "查": "z", "仇": "q"}

# (born before, first or only signs of men, second signs of men, the same of women,
#  share of names with one sign)
COHORTS: tuple[tuple[int, str, str, str, str, float], ...] = (
    (
        1955,
        "福德长世家天永光文明正兴开立先仁义忠发大春友华登朝",
        "福贵寿财富有才义忠成林祥荣生全清安顺德明元海山江",
        "桂秀玉素淑翠兰金凤春菊银桃莲珍月荣长大明",
        "英兰珍芝莲香云梅芳秀华珠凤琴菊桃枝碧姐贞",
        0.08,
    ),
    (
        1970,
        "建国永志光明成兴正贵忠世文新德军长安显学治远先",
        "国军平华民兴明成林强生贵荣春安东忠义全德祥权福友",
        "秀玉桂兰英春小红素德先国明正世家菊大继远",
        "英兰芳珍华琴梅香萍平群芬菊莲霞玲云秀琼翠",
        0.15,
    ),
    (
        1985,
        "小建志永光明晓国学红文卫忠成军涛波勇伟刚强斌",
        "军勇伟涛波平刚强斌兵华明辉鹏飞林峰建东海新民",
        "小晓红丽春艳秀燕海玉雪永文芳梅霞娟琴敏静",
        "燕丽娟霞红艳芳梅琴玲萍敏静兰莉娥荣翠菊云",
        0.3,
    ),
    (
        2000,
        "浩鑫志文俊杰晨宇旭鹏磊超凯博伟涛波龙飞阳",
        "鹏磊超凯杰龙飞阳宇鑫辉波强涛文豪博亮明林",
        "婷丽雪梦倩思晓雨佳静蓉露欢欣慧玲莹敏洁艳",
        "婷倩雪静慧玲莹敏洁露欢欣娟蓉佳丽琪瑶妮艳",
        0.3,
    ),
    (
        2100,
        "梓浩子宇俊奕泽铭博雨皓一明嘉睿煜轩辰思昊",
        "轩宇涵豪辰泽睿铭博阳航霖皓诚远安熙恒言凡",
        "梓欣雨思语佳一诗子若可心梦雅艺沐依悦婉紫",
        "涵怡萱彤妍琪瑶诺桐熙雯茜玥然琳蕊菲甜宁溪",
        0.08,
    ),
)


def family_names(rng: np.random.Generator, village: Ints) -> Ints:
    """A family name (its place in FAMILY) for each entry, by the village it lives in.

    In each village four names, drawn once, hold more than half of the houses, as hill villages
    that grew from a few families do; the rest follow the country's ranking.
    """
    size = len(FAMILY)
    country = 1 / (np.arange(size) + 4.0)
    country /= country.sum()
    own = rng.choice(size, (int(village.max(initial=0)) + 1, 4), p=country)
    anywhere = rng.choice(size, len(village), p=country)
    clan = own[village, rng.choice(4, len(village), p=(0.45, 0.27, 0.18, 0.1))]
    return np.where(rng.random(len(village)) < 0.55, clan, anywhere)


def given_names(rng: np.random.Generator, born: Ints, male: Bools) -> Signs:
    """A given name of one or two signs for each person by year of birth and sex."""
    first = np.zeros(len(born), dtype="U1")
    second = np.zeros(len(born), dtype="U1")
    after = 0
    for before, men_first, men_second, women_first, women_second, single in COHORTS:
        cohort = (born >= after) & (born < before)
        for is_man, signs, more in (
            (True, men_first, men_second),
            (False, women_first, women_second),
        ):
            who = np.flatnonzero(cohort & (male == is_man))
            first[who] = np.array(list(signs))[rng.integers(0, len(signs), len(who))]
            picks = np.array(list(more))[rng.integers(0, len(more), len(who))]
            alone = rng.random(len(who)) < single
            second[who] = np.where(alone | (picks == first[who]), "", picks)
            # A lone sign comes from the second list: 王军, not 王小.
            first[who] = np.where(alone, picks, first[who])
        after = before
    return np.strings.add(first, second)


@cache
def _initial(sign: str) -> str:
    return str(lazy_pinyin(sign, style=Style.FIRST_LETTER)[0])[:1]


def initials(name: str) -> str:
    """The pinyin initials by which a head is found on the phone: "lwl" for 刘武林."""
    head = FAMILY_INITIAL.get(name[:1]) or _initial(name[:1])
    return head + "".join(_initial(sign) for sign in name[1:])
