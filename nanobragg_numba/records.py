"""Dataclasses that cost a start next to nothing.

The standard library writes and compiles several functions for every dataclass, which for all records of a command takes
longer than a small image. These share theirs. What they leave out nobody here asks for: order, slots, keyword-only
fields. For the functions of the standard library they are dataclasses all the same, and for type checkers they are
nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace

    __all__ = ["dataclass", "field", "replace"]
else:
    _MISSING = object()

    class _Field:
        """What is known about a field: its default, or what makes one, and whether repr shows it."""

        __slots__ = ("default", "factory", "compare", "repr")

        def __init__(self, default: Any, factory: Any, compare: bool, repr: bool) -> None:
            self.default, self.factory, self.compare, self.repr = default, factory, compare, repr

    def field(
        *, default: Any = _MISSING, default_factory: Any = None, repr: bool = True, compare: bool = True
    ) -> _Field:
        """A field with more to it than a default value; see the standard library."""
        return _Field(default, default_factory, compare, repr)

    class _StandardFields:
        """What the standard library looks for, made when it does."""

        def __get__(self, instance: Any, owner: type) -> dict[str, Any]:
            import dataclasses

            made = {}
            for name, known in owner.__record_fields__.items():
                how: dict[str, Any] = {"repr": known.repr, "compare": known.compare}
                if known.factory is not None:
                    how["default_factory"] = known.factory
                elif known.default is not _MISSING:
                    how["default"] = known.default
                made[name] = each = dataclasses.field(**how)
                each.name, each._field_type = name, dataclasses._FIELD
                annotation_sets = (kind.__dict__.get("__annotations__", {}) for kind in owner.__mro__)
                each.type = next(annotations[name] for annotations in annotation_sets if name in annotations)
            return made

    def _init(self: Any, *values: Any, **named: Any) -> None:
        fields = self.__record_fields__
        if len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} values, not {len(values)}")
        store = object.__setattr__ if self.__record_frozen__ else setattr
        for name, value in zip(fields, values):
            if name in named:
                raise TypeError(f"{type(self).__name__} got two values for {name}")
            named[name] = value
        unknown = named.keys() - fields.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {min(unknown)}")
        for name, known in fields.items():
            if name in named:
                store(self, name, named[name])
            elif known.factory is not None:
                store(self, name, known.factory())
            elif known.default is not _MISSING:
                store(self, name, known.default)
            else:
                raise TypeError(f"{type(self).__name__} needs {name}")
        after = getattr(self, "__post_init__", None)
        if after is not None:
            after()

    def _values(self: Any) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name, known in self.__record_fields__.items() if known.compare)

    def _eq(self: Any, other: Any) -> Any:
        return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self: Any) -> int:
        return hash(_values(self))

    def _repr(self: Any) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name, known in self.__record_fields__.items() if known.repr]
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _frozen(self: Any, name: str, *value: Any) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def dataclass(cls: Any = None, /, *, frozen: bool = False, eq: bool = True, repr: bool = True) -> Any:
        """Make a class a record of its annotations; see the standard library."""
        return _made(cls, frozen, eq) if cls is not None else lambda each: _made(each, frozen, eq)

    def _made(cls: Any, frozen: bool, eq: bool) -> Any:
        fields = dict(getattr(cls, "__record_fields__", {}))
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            if "ClassVar" in str(annotation):
                continue
            value = cls.__dict__.get(name, _MISSING)
            fields[name] = known = value if isinstance(value, _Field) else _Field(value, None, True, True)
            if known is value and known.default is not _MISSING:
                setattr(cls, name, known.default)
            elif known is value:
                delattr(cls, name)
        own = cls.__dict__
        cls.__record_fields__, cls.__record_frozen__ = fields, frozen
        cls.__dataclass_fields__, cls.__match_args__ = _StandardFields(), tuple(fields)
        methods = {"__init__": _init, "__repr__": _repr}
        methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None} if eq else {}
        methods |= {"__setattr__": _frozen, "__delattr__": _frozen} if frozen else {}
        for name, method in methods.items():
            if name not in own or (name == "__hash__" and own[name] is None):
                setattr(cls, name, method)
        return cls

    def replace(record: Any, /, **changes: Any) -> Any:
        """The record with other values in some fields."""
        for name in record.__record_fields__:
            if name not in changes:
                changes[name] = getattr(record, name)
        return record.__class__(**changes)


def field_names(record: Any) -> tuple[str, ...]:
    """Names of the fields of a record, or of its class, in their order."""
    return tuple(record.__record_fields__)


def is_record(value: Any) -> bool:
    """Whether something is a record of this module."""
    return hasattr(type(value), "__record_fields__")
