"""Small graphs as text, so that these tests need no TensorFlow."""


def attr(key, value):
    return f'  attr {{ key: "{key}" value {{ {value} }} }}\n'


def node(name, op, *inputs, **attrs):
    text = f'node {{\n  name: "{name}"\n  op: "{op}"\n'
    text += "".join(f'  input: "{i}"\n' for i in inputs)
    text += "".join(attr(key, value) for key, value in attrs.items())
    return text + "}\n"


FLOAT = "type: DT_FLOAT"
INT32 = "type: DT_INT32"
RESOURCE = "type: DT_RESOURCE"


def placeholder(name="x"):
    return node(name, "Placeholder", dtype=FLOAT, shape="shape { dim { size: -1 } dim { size: 4 } }")


def function(name, body, ret, call_op=None):
    """A function of one float argument `a`."""
    body = body.replace("node {", "node_def {")
    return (f'function {{ signature {{ name: "{name}" input_arg {{ name: "a" type: DT_FLOAT }} '
            f'output_arg {{ name: "r" type: DT_FLOAT }} }}\n{body} ret {{ key: "r" value: "{ret}" }} }}\n')


def call(name, callee, *inputs):
    return node(name, "StatefulPartitionedCall", *inputs, Tin="list { type: DT_FLOAT }", Tout="list { type: DT_FLOAT }",
                f=f'func {{ name: "{callee}" }}')


def library(*functions):
    return "library {\n" + "".join(functions) + "}\n"
