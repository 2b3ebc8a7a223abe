"""The cluster files, Kubernetes resources and shell lines of docs/scale.md are valid; what can run here is run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from distributed import Client, Security

from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers import clusters
from bappsmith.pipeline.workers.cluster_file import read_cluster

from .clusters import certificates, small, tree

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "scale.md").read_text(encoding="utf-8")
FILES = {
    text.split(";")[0].removeprefix("# "): text
    for text in re.findall(r"```yaml\n(# [a-z]+\.yaml;.*?)```", PAGE, re.DOTALL)
}
"""Name of a cluster file → its text."""
_TRIM = "MALLOC_TRIM_THRESHOLD_"
"""Set in this process while Dask starts local workers, as other tests do. Workers started here must not get it."""
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("name", ["slurm.yaml", "kubernetes.yaml", "ssh.yaml"])
def test_cluster_files_are_valid(name: str, tmp_path: Path):
    (tmp_path / name).write_text(FILES[name])
    assert read_cluster(tmp_path / name).kind


def test_shell_lines_are_valid():
    assert len(SHELL) >= 4
    for text in SHELL:
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), text


@pytest.mark.parametrize("tls", [False, True])
def test_slurm_gets_a_job_with_a_worker_for_each_core(tls: bool, tmp_path: Path):
    jobqueue = pytest.importorskip("dask_jobqueue")
    (tmp_path / "slurm.yaml").write_text(FILES["slurm.yaml"])
    options: dict[str, Any] = {**read_cluster(tmp_path / "slurm.yaml").options}
    options["scheduler_options"] = {"dashboard_address": ":0"}
    security: dict[str, Security] = {"security": certificates(tmp_path, "ours")} if tls else {}
    with jobqueue.SLURMCluster(**options, **security) as cluster:
        script = cluster.job_script()
    assert subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=True).stderr == ""
    lines = script.splitlines()
    for line in ("-p cpu", "-n 1", "--cpus-per-task=16", "--mem=30G", "-t 04:00:00"):
        assert f"#SBATCH {line}" in lines
    (worker,) = [line for line in lines if "dask_worker" in line]
    assert "--nthreads 1 " in worker
    assert "--nworkers 16 " in worker
    assert (" tls://" in worker, "--tls-ca-file" in worker) == (tls, tls)
    # What the job says to workers is what Dask understands.
    prologue = lines[: lines.index(worker)]
    key = "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_"
    read = f"import dask, distributed; print(dask.config.get('{key}', 'missing'))"
    said = "\n".join([*prologue, f'{sys.executable} -c "{read}"'])
    assert subprocess.run(["bash", "-e"], input=said, capture_output=True, text=True, check=True).stdout == "None\n"


def strict(schema: Any) -> Any:
    """A schema of a custom resource that refuses unknown keys, as a server with strict validation does."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    closed = {key: strict(value) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        closed["properties"] = {key: strict(value) for key, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            closed.setdefault("additionalProperties", False)
    return closed


def without_nulls(value: Any) -> Any:
    """What a server keeps of a resource: keys that are null are dropped."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def test_the_operator_of_dask_takes_the_cluster_that_the_file_describes(tmp_path: Path):
    """dask-kubernetes and s3fs ask for different versions of python-dateutil, so this runs in another environment."""
    jsonschema = pytest.importorskip("jsonschema")
    operator = pytest.importorskip("dask_kubernetes.operator")
    folder = Path(operator.__file__).parent / "deployment/helm/dask-kubernetes-operator/crds"
    definition = yaml.safe_load((folder / "daskcluster.yaml").read_text())
    (version,) = definition["spec"]["versions"]
    schema = strict(version["schema"]["openAPIV3Schema"]["properties"]["spec"])
    (tmp_path / "kubernetes.yaml").write_text(FILES["kubernetes.yaml"])
    description = read_cluster(tmp_path / "kubernetes.yaml")
    resource = operator.make_cluster_spec(**description.options, n_workers=description.workers)
    assert resource["apiVersion"] == f"{definition['spec']['group']}/{version['name']}"
    jsonschema.validate(without_nulls(resource["spec"]), schema)
    args = resource["spec"]["worker"]["spec"]["containers"][0]["args"]
    assert args[:4] == ["dask", "worker", "--nthreads", "1"]
    # The check itself finds what a server would refuse.
    wrong = without_nulls(resource["spec"])
    wrong["worker"]["spec"]["containers"][0]["imagePullPolicies"] = "Always"
    with pytest.raises(jsonschema.ValidationError, match="imagePullPolicies"):
        jsonschema.validate(wrong, schema)


def resources() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DOCS / "kubernetes.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("version", ["1.28", "1.37"])
def test_plain_kubernetes_resources_are_valid(version: str):
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    for resource in resources():
        kubernetes_validate.validate(resource, version, strict=True)
    wrong = resources()[2]
    wrong["spec"]["template"]["spec"]["containers"][0]["comand"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_plain_kubernetes_resources_fit_together():
    kinds = {one["kind"] + one["metadata"]["name"].removeprefix("bappsmith"): one for one in resources()}
    assert list(kinds) == [
        "NetworkPolicy", "Service-scheduler", "Deployment-scheduler", "Deployment-worker", "Job-generate",
    ]  # fmt: skip
    selected = kinds["Service-scheduler"]["spec"]["selector"]
    assert kinds["Deployment-scheduler"]["spec"]["template"]["metadata"]["labels"] == selected
    for name, one in kinds.items():
        if name.startswith("Deployment"):
            assert one["spec"]["selector"]["matchLabels"] == one["spec"]["template"]["metadata"]["labels"]
    allowed = kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    pods = [one["spec"]["template"] for one in kinds.values() if "template" in one["spec"]]
    assert all(allowed.items() <= pod["metadata"]["labels"].items() for pod in pods)
    address = f"tcp://{kinds['Service-scheduler']['metadata']['name']}:8786"
    commands = [pod["spec"]["containers"][0]["command"] for pod in pods]
    assert [address in command for command in commands] == [False, True, True]
    assert len({pod["spec"]["containers"][0]["image"] for pod in pods}) == 1


@contextmanager
def started(command: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command line of the page, as it stands."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-c", f"exec env {command}"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != _TRIM} | {"PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True])
def test_the_shown_commands_make_a_dataset(tls: bool, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "SCHEDULER_TIMEOUT", 120.0)  # the workers start meanwhile
    text = next(text for text in SHELL if "dask scheduler" in text and ("tls://" in text) == tls)
    if tls:
        making = text.split("\ntls=")[0]
        made = subprocess.run(["bash", "-ec", making], cwd=tmp_path, capture_output=True, check=False)
        assert made.returncode == 0, made.stderr
        assert {path.name for path in tmp_path.glob("*.key")} == {"ca.key", "part.key"}
    lines = [line.split("  #")[0].strip() for line in text.splitlines()]
    options = next((line for line in lines if line.startswith("tls=")), 'tls=""').removeprefix("tls=").strip('"')
    scheduler, worker = (next(line for line in lines if f"dask {part}" in line) for part in ("scheduler", "worker"))
    variables = [line.removeprefix("export ") for line in lines if line.startswith("export ")]
    worker = " ".join([*variables, worker])
    file = tmp_path / "scheduler.json"
    here = f" --host 127.0.0.1 --port 0 --no-dashboard --scheduler-file {file}"
    with started(scheduler.replace("$tls", options) + here, tmp_path) as process:
        while not (file.exists() and file.read_text().endswith("}")):
            assert process.poll() is None
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        assert address.startswith("tls://" if tls else "tcp://")
        few = re.sub(r"(tcp|tls)://HOST:8786", address, worker).replace("$tls", options)
        with started(few.replace("--nworkers 16", "--nworkers 2 --no-dashboard"), tmp_path):
            if tls:
                running = next(
                    text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "scheduler:" in text
                )
                (tmp_path / "running.yaml").write_text(running.replace("tls://HOST:8786", address))
                generate(small(photos, 20), tmp_path / "data", cluster=tmp_path / "running.yaml")
            else:
                generate(small(photos, 20), tmp_path / "data", scheduler=address)
                with Client(address) as client:
                    assert client.run(os.getenv, _TRIM).popitem()[1] is None
    generate(small(photos, 20), tmp_path / "serial")
    assert tree(tmp_path / "data") == tree(tmp_path / "serial")
