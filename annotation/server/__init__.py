"""The web server of a study: pages, answers, pictures and status, over HTTP. It needs the extra `annotate`."""

from bappsmith.manifests.errors import BappsmithError

try:
    import starlette  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import uvicorn  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:
    raise BappsmithError(
        f"annotate serve needs the package {error.name}: install it with pip install 'bappsmith[annotate]'"
    ) from None
