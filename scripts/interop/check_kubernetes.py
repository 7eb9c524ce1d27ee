"""Holds a resource against the schema that its operator registers with Kubernetes.

check_kubernetes.py RESOURCE.yaml FOLDER_OF_DEFINITIONS
"""

import pathlib
import sys

import jsonschema
import yaml


def strict(schema):
    """A schema that refuses unknown fields, as `kubectl apply --validate=strict` does."""
    if isinstance(schema, dict):
        closed = {key: strict(value) for key, value in schema.items()}
        free = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
        if isinstance(schema.get("properties"), dict) and not free:
            closed["additionalProperties"] = False
        return closed
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


def definition(folder, resource):
    group, version = resource["apiVersion"].split("/")
    for file in sorted(pathlib.Path(folder).glob("*.yaml")):
        spec = yaml.safe_load(file.read_text())["spec"]
        if spec["group"] == group and spec["names"]["kind"] == resource["kind"]:
            for entry in spec["versions"]:
                if entry["name"] == version:
                    return entry["schema"]["openAPIV3Schema"]
    sys.exit(f"no definition of {resource['apiVersion']} {resource['kind']} in {folder}")


resource = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
schema = strict(definition(sys.argv[2], resource))
schema["properties"]["metadata"] = {"type": "object"}  # Kubernetes' own
schema["properties"]["spec"]["additionalProperties"] = False
errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(resource), key=lambda e: list(e.path))
for error in errors:
    print(f"{'.'.join(map(str, error.path))}: {error.message}", file=sys.stderr)
if errors:
    sys.exit(1)
print(f"Kubernetes: {resource['kind']} {resource['metadata']['name']} fits its operator's schema")
