"""One person's phone as a rehearsal looks at it: what is on it, how far it was looked at, what can be pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.simulated import Shown
from bot.rehearsal.what import flat

#: The key that every participant has on the screen, always.
PANIC = "I need help now"


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be pressed: an answer under a message (the number of it on the screen), or the panic key."""

    label: str
    choice: str = ""
    message: int | None = None


@dataclass
class Screen:
    """`shown` is the phone's own list; it grows while the rehearsal goes on."""

    shown: list[Shown]
    has_panic_key: bool = False
    looked: int = 0  # messages up to here are behind the last one that was matched
    quiet_since: int = 0  # pages up to here are old: matched, or the person did something after them
    seen: set[int] = field(default_factory=set)

    def find(self, fits: Callable[[Shown], bool]) -> bool:
        """Match the first message that fits, of those that nobody has looked at."""
        for number in range(self.looked, len(self.shown)):
            if fits(self.shown[number]):
                self.looked = number + 1
                self.seen.add(number)
                if self.shown[number].message.page is not None:
                    self.quiet_since = max(self.quiet_since, number + 1)
                return True
        return False

    def acted(self) -> None:
        """The person did something: what is on the screen now is known to them."""
        self.quiet_since = len(self.shown)

    def page_since(self) -> Shown | None:
        """A page that came after the person was last paged or did something."""
        new = self.shown[self.quiet_since :]
        return next((shown for shown in new if shown.message.page is not None), None)

    def button(self, label: str) -> tuple[Button, ...]:
        """The newest button of that name: one; none when there is no such; several when the name fits several."""
        wanted = flat(label)
        exact = [button for button in self.buttons() if flat(button.label) == wanted]
        if exact:
            return (exact[0],)
        begun = [button for button in self.buttons() if flat(button.label).startswith(wanted)]
        together = [button for button in begun if button.message == begun[0].message]
        return tuple(together)

    def buttons(self) -> list[Button]:
        """Everything that can be pressed, the newest message's first, the panic key last."""
        found = [
            Button(choice.label, choice.id, number)
            for number in range(len(self.shown) - 1, -1, -1)
            for choice in self.shown[number].message.choices
        ]
        return [*found, Button(PANIC)] if self.has_panic_key else found

    def unseen(self) -> list[Shown]:
        """Messages that no step matched."""
        return [shown for number, shown in enumerate(self.shown) if number not in self.seen]
