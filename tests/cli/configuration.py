"""Configuration files as a JSON Schema library sees them."""
import functools
import json
import re

import jsonschema
import yaml

from conftest import ROOT

SCHEMA = ROOT / "configs" / "schema" / "flowport-1.schema.json"


class Loader(yaml.SafeLoader):
    """YAML as the program reads it: plain numbers, true and false; all else is text."""

    yaml_implicit_resolvers = {}


Loader.add_implicit_resolver("!bool", re.compile(r"(true|false)$"), list("tf"))
Loader.add_implicit_resolver("!int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
Loader.add_implicit_resolver("!float", re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"), list("-+.0123456789"))
Loader.add_implicit_resolver("!null", re.compile(r"$"), [""])
Loader.add_constructor("!bool", lambda loader, node: node.value == "true")
Loader.add_constructor("!int", lambda loader, node: int(node.value))
Loader.add_constructor("!float", lambda loader, node: float(node.value))
Loader.add_constructor("!null", lambda loader, node: None)


def construct_map(loader, node):
    """Keys are text, whatever they look like."""
    return {loader.construct_scalar(key): loader.construct_object(value, deep=True) for key, value in node.value}


Loader.add_constructor("tag:yaml.org,2002:map", construct_map)


@functools.cache
def validator():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def load(text):
    return yaml.load(text, Loader)  # noqa: S506 - it is a SafeLoader


def schema_errors(text):
    return [error.message for error in validator().iter_errors(load(text))]
