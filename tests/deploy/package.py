"""Makes the Debian package of the build under test."""

import os
import subprocess

from lab.processes import REPOSITORY, LabError, program

UNIT = os.path.join(REPOSITORY, "deploy", "systemd", "carillon.service")


def build_directory():
    """Where CMake built the program: it stands in BUILD/src/app."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(program()))))


def make(into, version=None):
    """The path of the new package; another `version` than the build's for upgrades."""
    command = ["cpack", "--config", os.path.join(build_directory(), "CPackConfig.cmake"),
               "-B", into]
    if version:
        command += ["-R", version]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    packages = [name for name in os.listdir(into) if name.endswith(".deb")]
    if version:
        packages = [name for name in packages if version in name]
    if done.returncode != 0 or len(packages) != 1:
        raise LabError(f"cpack: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return os.path.join(into, packages[0])
