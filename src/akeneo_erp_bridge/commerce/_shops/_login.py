"""Who sends: a user with a password, or a key."""

from __future__ import annotations

import re

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["ShopKey", "ShopLogin"]


@frozen
class ShopLogin:
    """A user of a shop, and the password, which is never shown.

    >>> ShopLogin("erp@example.com", "its password")
    ShopLogin(username='erp@example.com')
    """

    username: str
    password: str = field(repr=False)


@frozen
class ShopKey:
    """An API key or a token that a shop has given out; never shown.

    >>> ShopKey("sk_0123456789")
    ShopKey()
    """

    key: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if re.fullmatch(r"[!-~]+", self.key) is None:
            raise ConfigurationError(
                "the shop's API key is empty, or holds a space, a line feed or an accent; copy it anew"
            )
