"""The API document: what a type is called is called so once."""

from dataclasses import make_dataclass

import pytest

from control_plane.http.openapi import Schemas


def test_two_types_of_one_name_are_refused_not_merged():
    schemas = Schemas()
    schemas.of(make_dataclass("Told", [("first", int)]))
    schemas.of(make_dataclass("Told", [("first", int)]))
    with pytest.raises(ValueError, match="called Told"):
        schemas.of(make_dataclass("Told", [("second", str)]))
