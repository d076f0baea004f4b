"""Unpacks the Chromium of the npm package @sparticuz/chromium: unpack_chromium.py PACKAGE.tgz FOLDER.

Leaves FOLDER/chromium, a program that finds its libraries and fonts by itself.
"""

import io
import sys
import tarfile
from pathlib import Path

import brotli

package, folder = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
with tarfile.open(package) as archive:

    def unpacked(name):
        return brotli.decompress(archive.extractfile(f"package/bin/{name}.br").read())

    for name in ("al2023.tar", "swiftshader.tar", "fonts.tar"):
        tarfile.open(fileobj=io.BytesIO(unpacked(name))).extractall(folder, filter="data")
    fonts = folder / "fonts.conf"
    found = fonts.read_text().replace("/tmp/fonts-cache", f"{folder}/fonts-cache").replace("/tmp/fonts", f"{folder}/fonts")
    fonts.write_text(found.replace("<cachedir>", "<dir>/usr/share/fonts</dir>\n  <cachedir>"))
    program = folder / "chromium-program"
    program.write_bytes(unpacked("chromium"))
    program.chmod(0o755)
start = folder / "chromium"
start.write_text(
    f'#!/bin/sh\nLD_LIBRARY_PATH="{folder}/lib" FONTCONFIG_PATH="{folder}" exec "{program}" "$@"\n'
)
start.chmod(0o755)
