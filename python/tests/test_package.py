import importlib.metadata
import zipfile

import pointwise


def test_package_has_the_licenses_of_the_jar():
    with zipfile.ZipFile(pointwise.jar_path()) as jar:
        names = [name for name in jar.namelist() if not name.endswith("/")]
        expected = {
            name[len("META-INF/") :]: jar.read(name)
            for name in names
            if name in ("META-INF/LICENSE", "META-INF/NOTICE") or name.startswith("META-INF/licenses/")
        }
    prefix = "pointwise-%s.dist-info/licenses/" % importlib.metadata.version("pointwise")
    files = [file for file in importlib.metadata.files("pointwise") if str(file).startswith(prefix)]
    assert len(expected) > 2
    assert {str(file)[len(prefix) :]: file.read_binary() for file in files} == expected
