"""Read the YAML file that describes a cluster and its certificates."""

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
        minimum: smallest number of workers.
        maximum: largest number of workers.
    """

    minimum: int = Field(default=1, ge=0)
    maximum: int = Field(ge=1)


class Certificates(Strict):
    """Files in PEM format for TLS. With them, client, scheduler and workers authenticate each other.

    Attributes:
        ca: certificate of the authority that signed all certificates.
        cert: certificate of this process, and of the scheduler and workers it starts.
        key: private key of `cert`; None: the file of `cert` holds it.
    """

    ca: Path
    cert: Path
    key: Path | None = None

    def below(self, folder: Path) -> Certificates:
        """Return the same files; relative names start at `folder`.

        Raises:
            BappsmithError: a file is missing.
        """
        named = {"ca": self.ca, "cert": self.cert, **({"key": self.key} if self.key else {})}
        files = {role: folder / file for role, file in named.items()}
        for role, file in files.items():
            if not file.is_file():
                raise BappsmithError(f"security.{role}: no such file {file}; give a file in PEM format")
        return Certificates(**files)

    def security(self) -> Security:
        """Return the certificates in the form that Dask takes, for client, scheduler and workers.

        Raises:
            BappsmithError: a file is unreadable or not in PEM format, or the key does not match the certificate.
        """
        from distributed import Security

        key = None if self.key is None else str(self.key)
        files = {"tls_ca_file": str(self.ca)}
        for role in ("client", "scheduler", "worker"):
            files |= {f"tls_{role}_cert": str(self.cert), **({f"tls_{role}_key": key} if key else {})}
        security = Security(require_encryption=True, **files)
        try:
            security.get_connection_args("client")
        except OSError as error:  # includes errors of ssl
            names = ", ".join(str(file) for file in (self.ca, self.cert, self.key) if file)
            raise BappsmithError(
                f"security: {names} are not matching files in PEM format: certificate of the authority, certificate "
                f"and key ({error}); check the files"
            ) from error
        return security


class ClusterFile(Strict):
    """A cluster, described in a YAML file: `class` names a cluster to start, `scheduler` a running one.

    Attributes:
        kind: (key `class`) dotted name of a Dask cluster class, such as dask_jobqueue.SLURMCluster,
            dask_kubernetes.operator.KubeCluster or distributed.SSHCluster.
        options: arguments of that class.
        workers: number of workers to request; None: the default of the class.
        adapt: bounds, in place of `workers`.
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
            raise ValueError("give either 'class' (a cluster to start) or 'scheduler' (the address of a running one)")
        if self.scheduler is not None and (self.options or self.workers is not None or self.adapt is not None):
            raise ValueError(
                "'options', 'workers' and 'adapt' belong to 'class'; a running scheduler has its own workers"
            )
        return self


def read_cluster(file: str | Path) -> ClusterFile:
    """Read the description of a cluster, and check that its certificate files exist.

    Raises:
        BappsmithError: the file is invalid; one line names the key and what is wrong.
    """
    name = f"cluster file {printable(str(file))}"
    text = read_text_file(Path(file))
    try:
        data = load_yaml(text)
    except BappsmithError as error:
        raise BappsmithError(f"{name}: {error}") from error
    if not isinstance(data, dict):
        found_type = "nothing" if data is None else type(data).__name__
        raise BappsmithError(f"{name}: must be a mapping of keys, found {found_type}")
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
        BappsmithError: the class is not found, or is not a Dask cluster.
    """
    from distributed.deploy.cluster import Cluster
    from distributed.deploy.ssh import SSHCluster

    module, _, last = name.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError, ValueError) as error:
        raise BappsmithError(
            f"cluster file {file}, class: '{name}' not found ({error}); install the package that defines it"
        ) from error
    # SSHCluster is a function that returns a cluster.
    if kind is not SSHCluster and not (isinstance(kind, type) and issubclass(kind, Cluster)):
        raise BappsmithError(
            f"cluster file {file}, class: '{name}' is not a Dask cluster; name a cluster class, such as "
            "dask_jobqueue.SLURMCluster"
        )
    return kind
