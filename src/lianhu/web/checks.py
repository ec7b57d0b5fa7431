"""What makes a configuration unsafe, in words."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import read_content, read_ring
from lianhu.kernel.provider import find_provider_faults
from lianhu.kernel.sms import find_sms_faults
from lianhu.kernel.suites import SUITES
from lianhu.web.words import words_of


def find_faults() -> list[str]:
    """Every fault found, in Chinese; empty when the configuration may serve a county."""
    faults = _secret_faults() + _key_faults() + find_sms_faults() + find_provider_faults()
    faults += _road_faults()
    try:
        connection.ensure_connection()
    except OperationalError:
        return [*faults, "数据库打不开：请核对 DATABASE_URL 和 LIANHU_VAR，文件夹要先建好。"]
    if connection.vendor == "sqlite":
        faults += _sqlite_faults()
    return faults


def _road_faults() -> list[str]:
    """Under which names the county is reached, and whether in clear."""
    faults = []
    if "*" in settings.ALLOWED_HOSTS:
        faults.append("LIANHU_HOSTS 不能是 *：请写县里自己的域名。")
    if settings.LIANHU_TLS and not settings.LIANHU_PROXIES:
        faults.append(
            "设了 LIANHU_TLS 就要设 LIANHU_PROXIES：证书在前面的代理上，要写明有几层代理。"
        )
    elsewhere = set(settings.ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "[::1]"}
    if elsewhere and not settings.LIANHU_TLS and not settings.LIANHU_DEMO:
        faults.append("LIANHU_HOSTS 写了域名却没有设 LIANHU_TLS=1：登录和户籍不能明文传。")
    return faults


def _secret_faults() -> list[str]:
    try:
        length = len(settings.SECRET_KEY)
    except ImproperlyConfigured:  # how Django says that it is empty
        length = 0
    if length >= 32 or settings.LIANHU_DEMO:
        return []
    return ["LIANHU_SECRET_KEY 没有设，或者短于 32 个字符。"]


def _key_faults() -> list[str]:
    path = Path(settings.LIANHU_KEYS)
    if not path.is_file():
        return [f"没有找到加密钥匙 {path}：先运行 lianhu keys。"]
    if path.stat().st_mode & 0o077:
        return [f"加密钥匙 {path} 别人也能读：请改成只有服务用户可读（chmod 600）。"]
    try:
        keys = read_ring(path)
    except Refusal as refusal:
        return [words_of(refusal)]
    if "ledger" not in read_content(path):
        return ["钥匙文件里还没有给台账签名的钥匙：再运行一次 lianhu keys。"]
    if settings.LIANHU_SUITE not in SUITES:
        return ["LIANHU_SUITE 只能是 aes 或 sm4。"]
    if keys.newest.suite.name != settings.LIANHU_SUITE:
        return ["LIANHU_SUITE 与现在用的加密方式不同：运行 lianhu keys rotate 换过去。"]
    return []


def _sqlite_faults() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        synchronous = cursor.fetchone()[0]
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
    faults = []
    if synchronous < 2:
        faults.append("SQLite 的 synchronous 必须是 FULL：否则断电会丢已经答应收下的信。")
    if journal not in {"wal", "memory"}:
        faults.append("SQLite 的 journal_mode 必须是 WAL。")
    return faults
