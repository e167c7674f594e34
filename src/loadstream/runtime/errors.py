"""The errors that streaming adds to those of `json.load`, each for what it cannot match."""


class StreamConsumedError(RuntimeError):
    """Raised by `iter(stream)` when the stream has been read to its end or closed.

    A stream is one pass over a file. For another pass, call the function again, which opens the
    file anew, or collect the elements once with `list(stream)` and iterate that.
    """


class DuplicateKeyError(ValueError):
    """Raised where an object has the same key twice and a stream cannot keep only the last.

    `json.load` keeps the last value of a repeated key. A stream has yielded the first one by the
    time it meets the second, so it says so instead of returning something else.
    `key` is the repeated key.
    """

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the key {key!r} occurs twice in one object; json.load would keep the last value, "
            "a stream cannot: load this file with json.load, or repair it"
        )
        self.key = key

    def __reduce__(self) -> "tuple[type[DuplicateKeyError], tuple[str], dict[str, object]]":
        return type(self), (self.key,), {"args": self.args}


class SourceChangedError(OSError):
    """Raised when a file was written, truncated or extended while a stream was reading it.

    What was yielded before is as the file was when it was read; nothing torn is yielded.
    """


class ElementTypeError(ValueError):
    """Raised where an element is not of the type that `type=` asks for.

    `index` is its place in the stream of its file, from 0 and before any filter; `place` a path
    within the element (`$` is the element itself, `[...]` some value of an object); `cause` what is
    wrong there. The elements before it have been yielded.
    """

    def __init__(self, index: int, type_name: str, place: str, cause: str) -> None:
        super().__init__(f"element {index} is not a {type_name}: {cause}, at {place}")
        self.index = index
        self.type_name = type_name
        self.place = place
        self.cause = cause

    def __reduce__(
        self,
    ) -> "tuple[type[ElementTypeError], tuple[int, str, str, str], dict[str, object]]":
        parts = (self.index, self.type_name, self.place, self.cause)
        return type(self), parts, {"args": self.args}


class NotIndexableError(TypeError):
    """Raised where an index cannot be made, for the data cannot be entered in the middle.

    This and `NoIndexError` are what Python says of things without numbers and without a length.
    """


class NoIndexError(TypeError):
    """Raised by `dataset[i]`, `len(dataset)` and their kin while there is no index of the file."""


class BadIndexError(ValueError):
    """Raised where a file that should keep an index keeps another one, or none."""


class IndexNotWrittenError(OSError):
    """Raised where an index cannot be written."""


class WorkerVersionError(RuntimeError):
    """Raised where a worker has another version of loadstream or Python than who sent the task."""
