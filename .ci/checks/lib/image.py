"""Builds what docker/Dockerfile builds, without an engine, and lays an image's own files out under a folder.

image.py context ROOT FOLDER: copies what docker/Dockerfile.dockerignore lets through.
image.py build CONTEXT: runs the commands of the stage that compiles.
image.py files CONTEXT STAGE FOLDER: copies what the stage copies; FOLDER is its /.
image.py command CONTEXT STAGE FOLDER: prints what the stage starts, with its paths below FOLDER, one word a line.

Of the ignore file it knows what this one uses: a leading *, names let through again, and **/ before names left out.
"""
import json
import pathlib
import shlex
import shutil
import subprocess
import sys


def ignored():
    lines = (docker / "Dockerfile.dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def copy_context(root, folder):
    rules = ignored()
    assert rules[0] == "*", "the ignore file begins by leaving everything out"
    out = [rule[3:] for rule in rules if rule.startswith("**/")]
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    assert 1 + len(out) + len(kept) == len(rules), f"a rule that is not known here: {rules}"
    for name in kept:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, target, ignore=shutil.ignore_patterns(*out))
        else:
            shutil.copy2(root / name, target)


def stages():
    """Returns the instructions of each stage, those of the stage that it is made from included."""
    text = (docker / "Dockerfile").read_text().replace("\\\n", " ")
    found, current = {}, []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, rest = line.split(None, 1)
        if word == "FROM":
            image, _, name = rest.split()
            current = list(found.get(image, []))
            found[name] = current
        else:
            current.append((word, rest.strip()))
    return found


def build(context):
    for word, rest in stages()["build"]:
        if word == "RUN":
            command = " ".join(part for part in rest.split() if not part.startswith("--mount="))
            subprocess.run(["bash", "-ec", command], cwd=context, check=True)


def copy_files(context, stage, folder):
    here = pathlib.PurePosixPath("/")
    for word, rest in stages()[stage]:
        if word == "WORKDIR":
            here = pathlib.PurePosixPath(rest)
        if word != "COPY":
            continue
        parts = rest.split()
        options = [part for part in parts if part.startswith("--")]
        source, target = [part for part in parts if not part.startswith("--")]
        # The stage that compiles has its context below /src.
        path = context / (source.removeprefix("/src/") if "--from=build" in options else source)
        to = folder / str(here / target).lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, to, dirs_exist_ok=True)
        else:
            shutil.copy2(path, to)
        for option in options:
            if option.startswith("--chmod="):
                to.chmod(int(option.removeprefix("--chmod="), 8))


def command(stage, folder):
    last = dict(stages()[stage])
    words = json.loads(last["ENTRYPOINT"]) + json.loads(last["CMD"])
    roots = ("/opt/", "/etc/")
    return [":".join(str(folder) + p if p.startswith(roots) else p for p in word.split(":")) for word in words]


verb, first, *rest = sys.argv[1:]
docker = pathlib.Path(first) / "docker"
if verb == "context":
    copy_context(pathlib.Path(first), pathlib.Path(rest[0]))
    # An engine reads these two beside the context.
    for name in ("Dockerfile", "Dockerfile.dockerignore"):
        shutil.copy2(docker / name, pathlib.Path(rest[0]) / "docker" / name)
elif verb == "build":
    build(pathlib.Path(first))
elif verb == "files":
    copy_files(pathlib.Path(first), rest[0], pathlib.Path(rest[1]))
elif verb == "command":
    print("\n".join(command(rest[0], pathlib.Path(rest[1]))))
else:
    sys.exit(f"unknown: {shlex.join(sys.argv)}")
