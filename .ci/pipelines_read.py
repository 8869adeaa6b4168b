"""Takes apart what .ci/pipelines checks: the scripts in YAML, and the command lines for the binary, go into a folder; what
docs/pipelines.md quotes has to stand in the file that it names."""

import json
import pathlib
import re
import sys

import yaml

scratch = pathlib.Path(sys.argv[1])


class Loader(yaml.SafeLoader):
    """`on` is a word here."""


Loader.yaml_implicit_resolvers = {
    letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path):
    return yaml.load(pathlib.Path(path).read_text(), Loader)


scripts = [step["run"] for step in read("ops/ci/action.yml")["runs"]["steps"]]
for job in read("ops/ci/github-actions.yml")["jobs"].values():
    scripts += [step["run"] for step in job["steps"] if "run" in step]
for job in read("ops/ci/gitlab-ci.yml").values():
    scripts += ["\n".join(job[part]) for part in ("before_script", "script", "after_script")]
for number, script in enumerate(scripts):
    (scratch / f"{number}.sh").write_text(re.sub(r"\$\{\{.*?\}\}", "x", script) + "\n")

commands = []
for path in sorted(pathlib.Path("ops/kubernetes").glob("*.yaml")):
    pod = read(path)["spec"]["template"]["spec"]
    commands += [(path, container["args"]) for container in pod["initContainers"] + pod["containers"]]
dockerfile = pathlib.Path("ops/docker/Dockerfile").read_text()
commands += [("ops/docker/Dockerfile", json.loads(line)) for line in re.findall(r"^CMD (.*)$", dockerfile, re.M)]
commands += [("ops/docker/Dockerfile", line.split()) for line in re.findall(r"^RUN hardtack (.*)$", dockerfile, re.M)]
unit = pathlib.Path("ops/systemd/hardtack.service").read_text()
commands += [("hardtack.service", line.split()[1:]) for line in re.findall(r"^ExecStart=(.*)$", unit, re.M)]
(scratch / "commands").write_text("".join(f"{path} {' '.join(words)}\n" for path, words in commands))

quoted = None
for part in pathlib.Path("docs/pipelines.md").read_text().split("\n\n"):
    for path in re.findall(r"/blob/main/([^)]+)\)", part):
        quoted = pathlib.Path(path)
        quoted.exists() or sys.exit(f"docs/pipelines.md names {path}, which is not there")
    if re.match("```(yaml|dockerfile|ini)\n", part):
        lines = [line.strip() for line in quoted.read_text().splitlines()]
        for line in part.splitlines()[1:-1]:
            line.strip() in lines or sys.exit(f"docs/pipelines.md quotes {quoted} with a line that is not there: {line}")
