"""How we are signed in to the networks we speak on, and whose new keys there a person has confirmed."""

from __future__ import annotations

from collections.abc import Mapping

from storage.sealed_settings import keep_sealed, read_sealed
from storage.store import Unit


def keep_sign_in(unit: Unit, network: str, facts: Mapping[str, str]) -> None:
    """From now on this is how we are signed in to `network`."""
    keep_sealed(unit, f"sign_in.{network}", dict(facts))


def sign_in(unit: Unit, network: str) -> dict[str, str] | None:
    """How we are signed in to `network`; None where we are not."""
    facts: dict[str, str] | None = read_sealed(unit, f"sign_in.{network}")
    return facts


def confirm_identity(unit: Unit, network: str, account: str, key: str) -> None:
    """A person says that this account's identity is `key` now."""
    mark = unit.vault.blind(f"identity.{network}", account).hex()
    keep_sealed(unit, f"identity.{network}.{mark}", key)


def confirmed_identity(unit: Unit, network: str, account: str) -> str:
    """The identity that a person has last confirmed for this account; nothing where nobody has."""
    mark = unit.vault.blind(f"identity.{network}", account).hex()
    return read_sealed(unit, f"identity.{network}.{mark}") or ""
