"""Say colours and facts in words; colour is never the only signal."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lianhu.grading.rules.colours import SHAPES, WORDS, Colour
from lianhu.grading.rules.table import Rule, condition_words, fact_kinds

register = template.Library()


@register.filter
def grade_mark(colour: str) -> SafeString:
    """Shape and word of a colour: ▲ 关心户."""
    known = Colour(colour)
    return format_html(
        '<span class="grade {}"><span aria-hidden="true">{}</span> {}</span>',
        known.value[0], SHAPES[known], WORDS[known],
    )  # fmt: skip


@register.filter
def fact_words(fact: Any) -> str:
    """A recorded fact in words, with its band."""
    kind = fact_kinds().get(fact.kind, {"name": fact.kind})
    word = kind.get("words", {}).get(fact.value, "")
    return f"{kind['name']}：{word}" if word else str(kind["name"])


@register.filter
def when_words(rule: Rule) -> str:
    """The conditions of a rule, all of which must hold."""
    return "，并且".join(condition_words(name, wanted) for name, wanted in rule.when)
