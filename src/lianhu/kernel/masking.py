"""Personal data as it is shown by default. Source: norms.md, "Personal data", masking."""


def mask_name(name: str) -> str:
    """刘*林 for 刘武林, 刘* for 刘林: the family name and the last sign of longer names."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id(number: str) -> str:
    """The last four signs of an ID number."""
    return f"****{number[-4:]}" if number else ""


def mask_phone(number: str) -> str:
    """The first three and last four digits of a phone number."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 7 else ("****" if number else "")
