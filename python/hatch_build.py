"""Build hooks: the version is the POM's, and the wheel contains pointwise.jar."""

import os
import xml.etree.ElementTree as ET

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

POM = "{http://maven.apache.org/POM/4.0.0}"


class Version(MetadataHookInterface):
    PLUGIN_NAME = "custom"

    def update(self, metadata):
        version = ET.parse(os.path.join(self.root, "..", "pom.xml")).getroot().findtext(POM + "version")
        metadata["version"] = version.replace("-SNAPSHOT", ".dev0")


class Jar(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version, build_data):
        jar = os.path.join(self.root, "..", "jobs", "target", "pointwise.jar")
        if not os.path.isfile(jar):
            raise FileNotFoundError("Cannot build the wheel: %s does not exist; run ./mvnw -DskipTests package first" % os.path.normpath(jar))
        build_data["force_include"][jar] = "pointwise/jars/pointwise.jar"
        build_data["pure_python"] = True
