"""The YAML file that says which cluster does the work, and with which certificates."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError, model_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.recipe.plain_yaml import load_yaml
from bappsmith.manifests.recipe.strict import Strict
from bappsmith.manifests.recipe.text_file import read_text_file

if TYPE_CHECKING:
    from distributed import Security


class Adapt(Strict):
    """Bounds of a cluster that grows and shrinks with the work.

    Attributes:
        minimum: workers that are always there.
        maximum: workers at most.
    """

    minimum: int = Field(default=1, ge=0)
    maximum: int = Field(ge=1)


class Certificates(Strict):
    """Files in PEM format for TLS. Client, scheduler and workers prove with them that they belong together.

    Attributes:
        ca: certificate of the authority that signed the certificates of all.
        cert: certificate of this process, and of the scheduler and workers it starts.
        key: private key of `cert`; left out: it stands in the file of `cert`.
    """

    ca: Path
    cert: Path
    key: Path | None = None

    def below(self, folder: Path) -> Certificates:
        """Take relative names to start at a folder.

        Raises:
            BappsmithError: a file is missing.
        """
        named = {"ca": self.ca, "cert": self.cert, **({"key": self.key} if self.key else {})}
        files = {role: folder / file for role, file in named.items()}
        for role, file in files.items():
            if not file.is_file():
                raise BappsmithError(f"security.{role}: no such file {file}; name a file in PEM format")
        return Certificates(**files)

    def security(self) -> Security:
        """Return the same as Dask takes it, for the client, the scheduler and the workers.

        Raises:
            BappsmithError: a file is unreadable or not in PEM format, or the key is not that of the certificate.
        """
        from distributed import Security

        key = None if self.key is None else str(self.key)
        files = {"tls_ca_file": str(self.ca)}
        for role in ("client", "scheduler", "worker"):
            files |= {f"tls_{role}_cert": str(self.cert), **({f"tls_{role}_key": key} if key else {})}
        security = Security(require_encryption=True, **files)
        try:
            security.get_connection_args("client")
        except OSError as error:  # errors of ssl are among them
            names = ", ".join(str(file) for file in (self.ca, self.cert, self.key) if file)
            raise BappsmithError(
                f"security: {names} are no certificate of an authority, certificate and key that belong together, in PEM "
                f"format ({error})"
            ) from error
        return security


class ClusterFile(Strict):
    """A cluster, as a YAML file describes it: `class` names one to start, `scheduler` one that runs already.

    Attributes:
        kind: (key `class`) dotted name of a Dask cluster class, such as dask_jobqueue.SLURMCluster,
            dask_kubernetes.operator.KubeCluster or distributed.SSHCluster.
        options: arguments of that class.
        workers: number of workers to ask for; left out: what the class starts by itself.
        adapt: in place of `workers`.
        scheduler: address of a running scheduler, such as tls://HOST:8786.
        security: certificates for TLS.
    """

    kind: str | None = Field(default=None, alias="class")
    options: dict[str, Any] = Field(default={})
    workers: int | None = Field(default=None, ge=1)
    adapt: Adapt | None = None
    scheduler: str | None = None
    security: Certificates | None = None

    @model_validator(mode="after")
    def _one_cluster(self) -> ClusterFile:
        if (self.kind is None) == (self.scheduler is None):
            raise ValueError("give one of 'class' (a cluster to start) and 'scheduler' (the address of a running one)")
        if self.scheduler is not None and (self.options or self.workers is not None or self.adapt is not None):
            raise ValueError("'options', 'workers' and 'adapt' belong to 'class'; a running scheduler has its workers")
        return self


def read_cluster(file: str | Path) -> ClusterFile:
    """Read the description of a cluster; names of certificates are those of existing files afterwards.

    Raises:
        BappsmithError: one line that names the key and what is wrong with it.
    """
    name = f"cluster file {printable(str(file))}"
    text = read_text_file(Path(file))
    try:
        data = load_yaml(text)
    except BappsmithError as error:
        raise BappsmithError(f"{name}: {error}") from error
    if not isinstance(data, dict):
        came = "nothing" if data is None else type(data).__name__
        raise BappsmithError(f"{name}: a description of a cluster is a mapping of keys, found {came}")
    try:
        description = ClusterFile.model_validate(data)
    except ValidationError as error:
        models = {"adapt": Adapt, "security": Certificates}
        raise BappsmithError(f"{name}: {explain(error, 'key', ClusterFile, models)}") from error
    if description.security is None:
        return description
    try:
        certificates = description.security.below(Path(file).resolve().parent)
    except BappsmithError as error:
        raise BappsmithError(f"{name}: {error}") from error
    return description.model_copy(update={"security": certificates})


def cluster_class(name: str, file: str | Path) -> Any:
    """Import the class that a cluster file names.

    Raises:
        BappsmithError: the class is not found, or starts no Dask cluster.
    """
    from distributed.deploy.cluster import Cluster
    from distributed.deploy.ssh import SSHCluster

    module, _, last = name.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError, ValueError) as error:
        raise BappsmithError(
            f"cluster file {file}, class: '{name}' is not found ({error}); install the package that defines it"
        ) from error
    # SSHCluster is a function that returns a cluster.
    if kind is not SSHCluster and not (isinstance(kind, type) and issubclass(kind, Cluster)):
        raise BappsmithError(f"cluster file {file}, class: '{name}' is no Dask cluster")
    return kind
