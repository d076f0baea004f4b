"""Files as the targets of a release leave them, with made-up content, in the folder that is named."""

import io
import json
import pathlib
import sys
import tarfile
import zipfile

import project


def main():
    folder = pathlib.Path(sys.argv[1])
    for target in project.TARGETS:
        name = project.archive_name(target)
        if name.endswith(".zip"):
            (folder / name).write_bytes(target.encode())
            continue
        with tarfile.open(folder / name, "w:gz") as archive:
            content = f"program for {target}".encode()
            entry = tarfile.TarInfo(f"permdrift-{project.VERSION}-{target}/permdrift")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    # The SBOM lies where maturin puts it.
    for tag in ("manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "macosx_10_12_x86_64", "macosx_11_0_arm64", "win_amd64"):
        with zipfile.ZipFile(folder / f"permdrift-{project.VERSION}-py3-none-{tag}.whl", "w") as wheel:
            name = f"permdrift-{project.VERSION}.dist-info/sboms/permdrift.cyclonedx.json"
            wheel.writestr(name, json.dumps({"components": [tag]}))
    for architecture in ("arm64", "x86_64"):
        for name in (project.function_name(architecture), project.template_name(architecture), project.hub_name(architecture)):
            (folder / name).write_bytes(name.encode())


main()
