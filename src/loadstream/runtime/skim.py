"""What is read and checked but not wanted, in bounded memory.

Flow: source → window → elements (**skim**) → stream. `json.load` checks the whole document, so what
stands before and behind the wanted part is parsed as well, and dropped.
"""

from __future__ import annotations

from loadstream.runtime.elements import Elements
from loadstream.runtime.faults import NEVER_TOO_DEEP, readable_depth
from loadstream.runtime.members import Members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from loadstream.runtime.container import Container
    from loadstream.runtime.window import Window


def open_container(window: Window, bracket: int) -> Elements | Members:
    """The array or object whose bracket is at `raw[bracket]`; the window goes into it."""
    window.at = bracket + 1
    return Elements(window) if window.raw[bracket : bracket + 1] == b"[" else Members(window)


def skim(container: Container, depth: int) -> None:
    """Read what is left of a container, or what comes before the value that it seeks.

    An element that is not whole in memory is entered: so this takes no more memory than a window
    and the largest string. `depth` is that of the container in the document.
    """
    window = container.window
    stack = [container]
    readable = NEVER_TOO_DEEP
    while stack:
        top = stack[-1]
        if top.closed:
            stack.pop()
            continue
        batch = top.batch()
        if container.at_value:
            return
        if batch is not None:
            continue
        if window.unparsed < window.size:
            if top.watches:
                top.take_large(window.size)
            else:
                window.grow()
            continue
        bracket = top.bracket()
        if container.at_value:
            return
        if bracket is not None:
            top.resume()
            stack.append(open_container(window, bracket))
            if depth + len(stack) > readable:
                readable = readable_depth(depth + len(stack))
        elif top.watches:
            top.take_large()
        else:
            window.grow()
